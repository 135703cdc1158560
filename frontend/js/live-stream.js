// Reads the server's event stream with fetch, not EventSource: only so are the heartbeat comments
// seen, and with them a connection that is dead but was never closed.

export const SILENCE_MS = 4500; // the server beats every 3 s; people are told within 5 s
const RETRY_MS = [500, 1000, 2000, 3000, 5000];

// Takes pieces of text, gives whole events: {name, data}. Comments are heard as life, not events.
export function reader(give) {
  let rest = "";
  return (text) => {
    rest += text.replaceAll("\r\n", "\n");
    const blocks = rest.split("\n\n");
    rest = blocks.pop();
    blocks.map(parse).filter(Boolean).forEach(give);
  };
}

function parse(block) {
  let name = "message";
  const data = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("event:")) name = line.slice(6).trim();
    if (line.startsWith("data:")) data.push(line.slice(5).trim());
  }
  if (!data.length) return null;
  try {
    return { name, data: JSON.parse(data.join("\n")) };
  } catch {
    return { name, data: data.join("\n") };
  }
}

// Calls back onEvent({name, data}) and onState("online" | "lost" | "signed_out") until stopped.
export function listen(url, { onEvent, onState }) {
  let stopped = false;
  let tries = 0;
  let abort = new AbortController();
  let wake = () => {};

  async function once() {
    abort = new AbortController();
    let timer;
    const alive = () => {
      clearTimeout(timer);
      timer = setTimeout(() => abort.abort(), SILENCE_MS);
    };
    try {
      alive();
      await receive(url, abort.signal, alive, onEvent, () => {
        tries = 0;
        onState("online");
      });
    } finally {
      clearTimeout(timer);
    }
  }

  async function forever() {
    while (!stopped) {
      try {
        await once();
      } catch (error) {
        if (error.signedOut) return onState("signed_out");
      }
      if (stopped) return;
      onState("lost");
      await new Promise((done) => {
        wake = done;
        setTimeout(done, RETRY_MS[Math.min(tries++, RETRY_MS.length - 1)]);
      });
    }
  }

  forever();
  return {
    stop() {
      stopped = true;
      abort.abort();
      wake();
    },
    retry: () => wake(),
  };
}

async function receive(url, signal, alive, onEvent, onOpen) {
  const response = await fetch(url, {
    signal,
    credentials: "same-origin",
    cache: "no-store",
    redirect: "manual", // to the sign-in page
    headers: { Accept: "text/event-stream" },
  });
  if (response.type === "opaqueredirect" || [401, 403].includes(response.status)) {
    throw Object.assign(new Error("signed out"), { signedOut: true });
  }
  if (!response.ok || !response.body) throw new Error(`stream answered ${response.status}`);
  const decoder = new TextDecoder();
  const feed = reader(onEvent);
  const body = response.body.getReader();
  onOpen();
  for (;;) {
    const { value, done } = await body.read();
    if (done) return;
    alive();
    feed(decoder.decode(value, { stream: true }));
  }
}
