// Opens a WebSocket to the address of this page and shows what arrives.
const show = (id, text) => { document.getElementById(id).textContent = text; };

const socket = new WebSocket(location.href.replace(/^http/, "ws").replace(/#.*$/, ""));
show("socket-state", "connecting");

socket.addEventListener("open", () => show("socket-state", "open"));
socket.addEventListener("close", (event) => show("socket-state", `closed ${event.code}`));
socket.addEventListener("message", (event) => {
  const message = JSON.parse(event.data);
  if (message.count === undefined) return;
  show("socket-org", message.org ?? "none");
  show("socket-user", message.user ?? "nobody");
  show("socket-count", String(message.count));
});
