// lint.mjs CONTRACT - the rules that any OpenAPI 3.1 file keeps, and every
// example by its own schema
import { createConfig, lint } from "@redocly/openapi-core";
import { Contract } from "./contract.mjs";
import { refusal } from "./exchange.mjs";

// A few words for what is no YAML at all.
process.on("uncaughtException", e => {
	console.log(String(e.message).slice(0, 500));
	process.exit(1);
});

const file = process.argv[2];
const config = await createConfig({
	extends: ["recommended-strict"],
	rules: {
		"info-license": "off",
		"no-unused-components": "off",	// codes that no operation has yet
		"no-invalid-media-type-examples": "off",	// below, with closed schemas
		"operation-2xx-response": "off",	// below: a socket is opened with 101
		"operation-operationId": "error",
		"operation-operationId-unique": "error",
		"operation-description": "error",
		"operation-tag-defined": "error",
		"parameter-description": "error",
		"tag-description": "error",
		"no-path-trailing-slash": "error",
		"path-parameters-defined": "error",
	},
});
const faults = (await lint({ ref: file, config })).map(p =>
    `${p.location[0]?.pointer ?? ""} ${p.ruleId}: ${p.message}`);
const contract = new Contract(file);

function look(at, type, media, isRefusal) {
	if (type.startsWith("image/"))
		return;
	const shown = media.example !== undefined ? [media.example]
	    : Object.values(media.examples ?? {}).map(e => contract.resolve(e).value);
	if (shown.length === 0)
		faults.push(`${at}: no example`);
	for (const value of shown)
		faults.push(...(isRefusal ? refusal(contract, media.schema, value)
		    : contract.faults(media.schema, value, true)).map(f => `${at}: ${f}`));
}

for (const { name, operation } of contract.operations()) {
	if (!Object.keys(operation.responses).some(status => Number(status) < 400))
		faults.push(`${name}: no success`);
	for (const [type, media] of Object.entries(operation.requestBody?.content ?? {}))
		look(`${name} body`, type, media, false);
	for (const [status, response] of Object.entries(operation.responses))
		for (const [type, media] of Object.entries(contract.resolve(response).content ?? {}))
			look(`${name} ${status}`, type, media, Number(status) >= 400);
}
for (const [name, schema] of Object.entries(contract.doc.components.schemas))
	for (const value of schema.examples ?? [])
		faults.push(...contract.faults({ $ref: `#/components/schemas/${name}` }, value, true)
		    .map(f => `schema ${name}: ${f}`));
for (const fault of new Set(faults))
	console.log(fault);
process.exit(faults.length > 0 ? 1 : 0);
