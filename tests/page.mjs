// page.mjs - a page of the shop as README tells to write it, for tests
//
//	node --experimental-websocket tests/page.mjs README SHOP
//
// Runs the function listen() that stands in README's text, untouched, with the
// access token in $TOKEN. Prints "anew LAST_ID" and "heard ID TYPE STATUS" as
// they come; "anew" too is told by the page's own code.
import { readFileSync } from 'node:fs';

const [readme, shop] = process.argv.slice(2);
const code = /^```js\n(async function listen\([^]*?)^```$/m.exec(readFileSync(readme, 'utf8'))?.[1];
const ask = globalThis.fetch;

// What a browser has: addresses are of the page's own host.
globalThis.location = { origin: shop };
globalThis.fetch = (path, options) => ask(new URL(path, shop), options);

const listen = new Function(`${code}; return listen;`)();
await listen(async () => process.env.TOKEN,
	(said) => console.log('heard', said.id, said.type, said.data.status ?? said.data.template ?? ''),
	(said) => console.log('anew', said.last_id));
console.log('log in again');
