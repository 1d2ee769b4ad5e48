// exchanges.mjs CONTRACT FILE… - every exchange in these files is one of the contract
//
// A file is a trace of curl (tests/tap.sh) or, named *.jsonl, what tests/rig.c
// recorded. Prints what is wrong, or the count of what was looked at.
import { readFileSync } from "node:fs";
import { Contract } from "./contract.mjs";
import { faultsOf } from "./exchange.mjs";
import { exchangesOf } from "./trace.mjs";

const shownMost = 30;

function recorded(file) {
	return readFileSync(file, "utf8").split("\n").filter(l => l !== "").map(l => JSON.parse(l));
}

const contract = new Contract(process.argv[2]);
const faults = new Map();
let count = 0;

for (const file of process.argv.slice(3))
	for (const x of file.endsWith(".jsonl") ? recorded(file) : exchangesOf(file)) {
		count++;
		for (const fault of faultsOf(contract, x)) {
			const at = faults.get(fault) ?? { times: 0, x };
			at.times++;
			faults.set(fault, at);
		}
	}
for (const [fault, { times, x }] of [...faults].slice(0, shownMost))
	console.log(`${fault}\n    ${times} times, first: ${x.method} ${x.target.slice(0, 200)}\n` +
	    `    sent ${(x.requestBody ?? "").slice(0, 300)}\n    got ${x.body.slice(0, 600)}`);
if (faults.size === 0)
	console.log(count);
process.exit(faults.size > 0 ? 1 : 0);
