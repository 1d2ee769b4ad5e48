// exchange.mjs - a request and its answer, held against the contract
import { camel } from "./contract.mjs";

// What nginx, HTTP and CORS add to any answer.
const general = /^(server|date|connection|keep-alive|content-.*|transfer-encoding|cache-control|vary|access-control-.*|x-content-type-options|x-frame-options|referrer-policy|permissions-policy|strict-transport-security|set-cookie|last-modified|accept-ranges|location)$/;
// Which are promised wherever they are named.
const promised = ["ETag", "WWW-Authenticate"];
const waits = ["too_many_requests", "busy", "writing_stopped", "bad_gateway", "gateway_timeout"];
// Files, and the geocoder of another house that an administrator may put there.
const files = /^\/(openapi\.yaml|docs(\/.*)?|geocode)$/;

// An exchange is { method, target, requestHeaders, requestBody, status, headers, body, wire }:
// header names in small letters, bodies as text; wire: it came through nginx.
export function faultsOf(contract, x) {
	const url = x.target.replace(/^\/api(?=\/)/, "");
	const path = url.replace(/\?.*$/s, "");
	if (files.test(path))
		return [];
	if (!x.wire && x.headers["x-accel-redirect"] !== undefined)	// for nginx alone
		return [];
	const method = x.method === "HEAD" ? "get" : x.method.toLowerCase();
	const found = contract.find(path);
	const operation = found?.item[method];
	if (x.method === "OPTIONS" && x.status === 204)
		return x.headers.allow === undefined ? ["no Allow"] : [];
	const name = operation ? `${method.toUpperCase()} ${found.pattern}` : "no such operation";
	const faults = [];
	const codes = statusesAndBody(contract, operation, x, faults);
	if (operation && x.status >= 200 && x.status < 300)
		request(contract, operation, found.pattern, x, url, faults);
	return faults.map(f => `${name} ${x.status}${codes}: ${f}`);
}

// Pushes what is wrong with the answer; tells the code of a refusal.
function statusesAndBody(contract, operation, x, faults) {
	const response = contract.resolve(operation?.responses[x.status]);

	headers(response ?? {}, x, faults);
	if (!response && (operation || x.status < 400))
		faults.push("no such status");
	if (x.method === "HEAD" || x.status === 304 || x.status === 204) {
		if (x.body !== "")
			faults.push("has a body");
		return "";
	}
	const type = (x.headers["content-type"] ?? "none").replace(/;.*/, "");
	const media = response?.content?.[type] ?? response?.content?.[type.replace(/\/.*/, "/*")];
	if (response ? !media : type !== "application/json")
		faults.push(`content type ${type}`);
	const body = type === "application/json" ? parsed(x.body, faults) : x.body;
	if (media && type === "text/event-stream")
		faults.push(...messages(x.body).flatMap(m => contract.faults(media.schema, m, true)));
	else if (media)
		faults.push(...(x.status < 400 ? contract.faults(media.schema, body, true)
		    : refusal(contract, media.schema, body)));
	else if (!operation && x.status >= 400)	// refused in the shape of its code
		faults.push(...refusal(contract, { oneOf: contract.refusals() }, body));
	if (waits.includes(body?.code) && x.headers["retry-after"] === undefined)
		faults.push("no Retry-After");
	return body?.code === undefined ? "" : ` ${body.code}`;
}

// What a stream told until it was left: its whole lines of data.
function messages(text) {
	return text.split("\n").slice(0, -1).filter(l => l.startsWith("data: "))
	    .map(l => JSON.parse(l.slice("data: ".length)));
}

function parsed(text, faults) {
	try {
		return JSON.parse(text);
	} catch {
		faults.push("no JSON");
		return undefined;
	}
}

// A refusal among several is judged by the schema of its code alone.
export function refusal(contract, schema, body) {
	const name = `#/components/schemas/${camel(body?.code ?? "none")}`;
	const own = schema.oneOf?.find(s => s.$ref === name);

	if (schema.oneOf && !own)
		return ["its code is not told of"];
	return contract.faults(own ?? schema, body, true);
}

function headers(response, x, faults) {
	const named = Object.keys(response.headers ?? {});
	const known = named.map(n => n.toLowerCase());

	for (const name of named)
		if (promised.includes(name) && x.headers[name.toLowerCase()] === undefined)
			faults.push(`no ${name}`);
	if (x.wire && x.headers["x-request-id"] === undefined)
		faults.push("no X-Request-Id");
	for (const name of Object.keys(x.headers))
		if (!general.test(name) && !known.includes(name) && name !== "x-request-id" &&
		    !(x.status === 405 && name === "allow") && (response.headers || x.status < 400))
			faults.push(`header ${name} is not told of`);
}

// Of a request that was carried out.
function request(contract, operation, pattern, x, url, faults) {
	const query = new URLSearchParams(url.split("?").slice(1).join("?"));
	const parts = pattern.split("/"), steps = url.replace(/\?.*$/s, "").split("/");
	const given = {
		query: name => query.get(name) || null,
		header: name => x.requestHeaders?.[name.toLowerCase()] ?? null,
		path: name => steps[parts.indexOf(`{${name}}`)] ?? null,
	};

	for (const p of (operation.parameters ?? []).map(p => contract.resolve(p))) {
		const text = given[p.in](p.name);
		if (text === null && p.required)
			faults.push(`sent without ${p.name}`);
		else if (text !== null)
			faults.push(...parameter(contract, p, text));
	}
	const media = contract.resolve(operation.requestBody)?.content?.["application/json"];
	if (media && x.requestBody !== undefined)
		faults.push(...contract.faults(media.schema, JSON.parse(x.requestBody), false)
		    .map(f => `sent ${f}`));
	const free = operation.security.length === 0 ||
	    operation.security.some(s => Object.keys(s).length === 0);
	if (!free && x.requestHeaders && !x.requestHeaders.authorization)
		faults.push("carried out without a token");
}

// A parameter is text: it fits as a number, as true or false, or as it stands.
function parameter(contract, p, text) {
	const values = [text];
	if (text.trim() !== "" && !Number.isNaN(Number(text)))
		values.unshift(Number(text));
	if (text === "true" || text === "false")
		values.unshift(text === "true");
	const tries = values.map(v => contract.faults(p.schema, v, false));

	return tries.some(t => t.length === 0) ? [] : tries[0].map(f => `sent ${p.name}: ${f}`);
}
