// listen.mjs - a browser's side of /ws, for tests
//
//	node --experimental-websocket tests/listen.mjs URL
//
// Prints each message as a line as it comes, with the milliseconds of its
// arrival before it, and at the end "closed CODE". Lines of standard input are
// sent as they are.
import { createInterface } from 'node:readline';

const socket = new WebSocket(process.argv[2]);
socket.onmessage = (m) => process.stdout.write(`${Date.now()} ${m.data}\n`);
socket.onclose = (e) => { process.stdout.write(`closed ${e.code}\n`); process.exit(0); };
socket.onopen = () => {
	createInterface({ input: process.stdin }).on('line', (line) => socket.send(line));
};
