// contract.mjs - docs/openapi.yaml as something to hold requests and answers against
//
// Answers are judged closed: a member that the contract does not name is a
// fault, although a client must bear it. Requests are judged open: the shop
// ignores what it does not know.
import { createHash } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { parse } from "yaml";

const methods = ["get", "put", "post", "delete", "patch"];

export const camel = code => String(code).split("_").filter(w => w !== "").map(w => w[0].toUpperCase() + w.slice(1)).join("");

// Shuts every object of a schema where it is used; what is part of an allOf or
// oneOf is shut by the whole.
function close(schema, isPart) {
	if (Array.isArray(schema) || schema === null || typeof schema !== "object")
		return schema;
	const shut = { ...schema };
	for (const key of ["allOf", "oneOf", "anyOf"])
		if (shut[key])
			shut[key] = shut[key].map(s => close(s, true));
	for (const [name, s] of Object.entries(shut.properties ?? {}))
		shut.properties = { ...shut.properties, [name]: close(s, false) };
	for (const key of ["items", "additionalProperties"])
		if (shut[key])
			shut[key] = close(shut[key], false);
	const isObject = shut.properties || shut.$ref || shut.allOf || shut.oneOf || shut.anyOf;
	if (!isPart && isObject && shut.additionalProperties === undefined)
		shut.unevaluatedProperties = false;
	return shut;
}

function compiler(schemas) {
	const ajv = new Ajv2020({ allErrors: true, strict: false, coerceTypes: false });
	addFormats(ajv);
	ajv.addSchema({ $id: "contract", components: { schemas } });
	const known = new Map();
	return schema => {
		const key = JSON.stringify(schema);
		if (!known.has(key))
			known.set(key, ajv.compile(JSON.parse(key.replaceAll('"#/components', '"contract#/components'))));
		return known.get(key);
	};
}

// The contract as values. Reading YAML takes a second and a half, and two dozen
// scripts do it: what it came to is kept beside it, for the text that it was.
function read(file) {
	const text = readFileSync(file, "utf8");
	const of = createHash("sha256").update(text).digest("hex");
	const kept = `${file}.json`;
	try {
		const { of: known, doc } = JSON.parse(readFileSync(kept, "utf8"));
		if (known === of)
			return doc;
	} catch {
		// none yet
	}
	const doc = parse(text, { maxAliasCount: -1 });
	try {
		writeFileSync(`${kept}.${process.pid}`, JSON.stringify({ of, doc }));
		renameSync(`${kept}.${process.pid}`, kept);
	} catch {
		// a folder that is not ours to write in
	}
	return doc;
}

export class Contract {
	constructor(file) {
		this.doc = read(file);
		const schemas = this.doc.components.schemas;
		this.open = compiler(schemas);
		this.shut = compiler(Object.fromEntries(Object.entries(schemas)
		    .map(([name, s]) => [name, close(s, true)])));
		this.paths = Object.entries(this.doc.paths).map(([pattern, item]) => ({ pattern, item,
		    shape: new RegExp(`^${pattern.replace(/[.]/g, "\\.").replace(/{[^}]*}/g, "[1-9][0-9]*")}$`) }));
	}

	// { $ref } or the thing itself
	resolve(thing) {
		if (!thing?.$ref)
			return thing;
		return this.resolve(thing.$ref.slice(2).split("/").reduce((at, step) => at[step], this.doc));
	}

	find(path) {
		return this.paths.find(p => p.shape.test(path));
	}

	operations() {
		return this.paths.flatMap(({ pattern, item }) => methods.filter(m => item[m])
		    .map(m => ({ name: `${m.toUpperCase()} ${pattern}`, operation: item[m] })));
	}

	// The schema of every code.
	refusals() {
		return this.doc.components.schemas.Problem.properties.code.enum
		    .map(code => ({ $ref: `#/components/schemas/${camel(code)}` }));
	}

	// What is wrong with a value, as lines; none when all is well.
	faults(schema, value, isAnswer) {
		const check = isAnswer ? this.shut(close(schema, false)) : this.open(schema);
		return check(value) ? [] : check.errors.map(told);
	}
}

function told(e) {
	const more = e.params.unevaluatedProperty ?? e.params.allowedValues ?? e.params.allowedValue ?? "";
	return `${e.instancePath || "/"} ${e.message}${more === "" ? "" : ` (${more})`}`;
}
