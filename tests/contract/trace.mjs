// trace.mjs - exchanges from curl's --trace: what went over the wire, byte by byte
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

// A trace as pieces: { kind: "Send header" …, bytes }
function pieces(text) {
	const list = [];
	for (const line of text.split("\n")) {
		const head = /^(?:=>|<=) (Send|Recv) (header|data), \d+ bytes/.exec(line);
		if (head)
			list.push({ kind: `${head[1]} ${head[2]}`, hex: "" });
		else if (line.startsWith("== "))
			list.push({ kind: "Info", hex: "" });
		else if (/^[0-9a-f]{4,}: /.test(line) && list.length > 0)
			list.at(-1).hex += line.slice(line.indexOf(":") + 2).slice(0, 48).replace(/ /g, "");
	}
	return list.map(p => ({ kind: p.kind, bytes: Buffer.from(p.hex, "hex") }));
}

function fields(lines) {
	const all = {};
	for (const line of lines) {
		const at = line.indexOf(":");
		if (at > 0)
			all[line.slice(0, at).toLowerCase()] = line.slice(at + 1).trim();
	}
	return all;
}

function unchunked(bytes) {
	const parts = [];
	for (let at = 0;;) {
		const end = bytes.indexOf("\r\n", at);
		const size = end < 0 ? NaN : parseInt(bytes.toString("latin1", at, end), 16);
		if (!(size > 0))
			return Buffer.concat(parts);
		parts.push(bytes.subarray(end + 2, end + 2 + size));
		at = end + 2 + size + 2;
	}
}

// curl shows chunks as they come or already put together, as its version likes.
function text(x) {
	let bytes = Buffer.concat(x.received);
	if (x.headers["transfer-encoding"] === "chunked" && /^[0-9a-f]+\r\n/.test(bytes.toString("latin1", 0, 12)))
		bytes = unchunked(bytes);
	if (x.headers["content-encoding"] === "gzip")
		bytes = gunzipSync(bytes);
	return bytes.toString("utf8");
}

function finished(x) {
	const [first, ...lines] = x.head.split("\r\n").filter(l => l !== "");
	x.status = Number(/^HTTP\/\S+ (\d+)/.exec(first)?.[1]);
	x.headers = fields(lines);
	x.body = text(x);
	x.requestBody = x.sent.length > 0 ? Buffer.concat(x.sent).toString("utf8") : undefined;
	return x;
}

// Cut off on its way: by a test that kills workers, or by curl's own time limit.
function isCut(x) {
	const size = Buffer.concat(x.received).length;
	return x.method !== "HEAD" && Number(x.headers["content-length"] ?? size) > size;
}

// The exchanges with the shop: whoever else was asked tells no X-Request-Id.
export function exchangesOf(file) {
	const list = [];
	for (const { kind, bytes } of pieces(readFileSync(file, "latin1"))) {
		if (kind === "Send header") {
			const [line, ...lines] = bytes.toString("utf8").split("\r\n");
			const [method, target] = line.split(" ");
			list.push({ wire: true, method, target, requestHeaders: fields(lines), sent: [], head: "", received: [] });
		} else if (list.length > 0 && kind === "Send data")
			list.at(-1).sent.push(bytes);
		else if (list.length > 0 && kind === "Recv header")
			list.at(-1).head += bytes.toString("latin1");
		else if (list.length > 0 && kind === "Recv data")
			list.at(-1).received.push(bytes);
	}
	return list.filter(x => x.head.startsWith("HTTP/") && x.head.endsWith("\r\n\r\n"))
	    .map(finished).filter(x => x.status >= 200 && !isCut(x) && x.headers["x-request-id"] !== undefined);
}
