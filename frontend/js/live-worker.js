// One event stream for all tabs of a browser: agents open several, and HTTP/1.1 allows a host six
// connections. A shared worker also needs no secure context, which Web Locks would.
import { listen } from "./live-stream.js";

const ports = new Set();
let stream = null;
let state = "starting";

const tell = (message) => ports.forEach((port) => port.postMessage(message));

function start(url) {
  stream ??= listen(url, {
    onEvent: (event) => tell({ event }),
    onState: (now) => {
      state = now;
      if (now === "signed_out") stream = null;
      tell({ state });
    },
  });
}

function leave(port) {
  ports.delete(port);
  if (ports.size) return;
  stream?.stop();
  stream = null;
}

function hear(port, message) {
  if (message.listen) start(message.listen);
  if (message.retry) stream?.retry();
  if (message.leave) leave(port);
}

self.onconnect = ({ ports: [port] }) => {
  ports.add(port);
  port.onmessage = ({ data }) => hear(port, data);
  port.postMessage({ state });
};
