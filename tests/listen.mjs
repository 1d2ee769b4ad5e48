// listen.mjs - a browser's side of /ws, for tests
//
//	node --experimental-websocket tests/listen.mjs URL
//	curl -sN SHOP/events | node tests/listen.mjs -
//
// Prints each message as a line as it comes, with the milliseconds of its
// arrival before it, and at the end "closed CODE". Lines of standard input are
// sent as they are. With "-" they are a stream of /events that somebody reads.
import { createInterface } from 'node:readline';

if (process.argv[2] === '-') {
	for await (const line of createInterface({ input: process.stdin }))
		if (line.startsWith('data: '))
			process.stdout.write(`${Date.now()} ${line.slice(6)}\n`);
	process.exit(0);
}

const socket = new WebSocket(process.argv[2]);
socket.onmessage = (m) => process.stdout.write(`${Date.now()} ${m.data}\n`);
socket.onclose = (e) => { process.stdout.write(`closed ${e.code}\n`); process.exit(0); };
socket.onopen = () => {
	createInterface({ input: process.stdin }).on('line', (line) => socket.send(line));
};
