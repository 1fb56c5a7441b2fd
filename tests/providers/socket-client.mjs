// A WebSocket of the npm package ws, for the tests of close codes:
//   node socket-client.mjs URL COOKIE ORIGIN
// prints a line of JSON when it opens, or when it is refused, and one when it closes.
import WebSocket from "ws";

const [url, cookie, origin] = process.argv.slice(2);
const say = (what) => console.log(JSON.stringify(what));
const socket = new WebSocket(url, { headers: { cookie }, origin });

socket.on("open", () => say({ open: true }));
socket.on("unexpected-response", (_, response) => {
  say({ refused: response.statusCode });
  process.exit(0);
});
socket.on("error", (error) => say({ error: error.code ?? error.message }));
socket.on("close", (code, reason) => say({ close: code, reason: reason.toString() }));
