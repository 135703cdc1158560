// Live regions: an element with data-live="calls presence" asks for itself again (its own hx-get)
// when one of these topics changes, after a lost connection, and every 30 s while it is lost.
// data-live-calm="calls" is for what is good to know but not urgent: within some seconds.
import { listen } from "./live-stream.js";

const POLL_MS = 30_000;
const GATHER_MS = 250; // a call makes several events at once; one request answers them
// Topics that everybody hears: desks spread out, or two hundred would ask at the same moment.
const CALM_MS = { least: 4000, most: 12_000 };
const HELD_MS = 1500; // a pointer that moved this lately is about to click something
const timers = new WeakMap();
const calmed = new WeakSet();
let lastMove = 0;
let state = "starting";

export const signal = (name, detail) =>
  document.body.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));

const regions = (topic) =>
  document.querySelectorAll(topic ? `[data-live~="${CSS.escape(topic)}"]` : "[data-live]");

// What a person is about to click must not move: wait while the pointer is busy inside.
function isHeld(region) {
  const pointed = region.matches(":hover") && Date.now() - lastMove < HELD_MS;
  return pointed || region.contains(document.querySelector("details.menu[open], dialog[open]"));
}

function refresh(region) {
  clearTimeout(timers.get(region));
  timers.set(region, setTimeout(() => run(region), GATHER_MS));
}

function run(region) {
  if (!region.isConnected) return;
  if (!isHeld(region)) return region.dispatchEvent(new CustomEvent("live"));
  region.classList.add("is-waiting");
  timers.set(region, setTimeout(() => run(region), 300));
}

function refreshLater(region) {
  if (calmed.has(region)) return;
  calmed.add(region);
  const wait = CALM_MS.least + Math.random() * (CALM_MS.most - CALM_MS.least);
  setTimeout(() => {
    calmed.delete(region);
    refresh(region);
  }, wait);
}

export const refreshAll = () => regions().forEach(refresh);

function onEvent({ name, data }) {
  if (name === "signed_out") return signal("signed-out");
  regions(name).forEach(refresh);
  document.querySelectorAll(`[data-live-calm~="${CSS.escape(name)}"]`).forEach(refreshLater);
  signal(`live:${name}`, data);
}

function onState(now) {
  const before = state;
  state = now;
  document.documentElement.dataset.connection = now;
  if (now === "online" && before === "lost") refreshAll();
  if (now === "signed_out") signal("signed-out");
}

function shared(url, worker, name) {
  const { port } = new SharedWorker(worker, { type: "module", name });
  port.onmessage = ({ data }) => (data.event ? onEvent(data.event) : onState(data.state));
  port.postMessage({ listen: url });
  addEventListener("pagehide", () => port.postMessage({ leave: true }));
  addEventListener("online", () => port.postMessage({ retry: true }));
}

export function startLive() {
  const { liveUrl, liveWorker, liveName } = document.body.dataset;
  if (!liveUrl) return;
  document.addEventListener("pointermove", () => (lastMove = Date.now()), { passive: true });
  addEventListener("offline", () => onState("lost"));
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  setInterval(() => state !== "online" && refreshAll(), POLL_MS);
  if (window.SharedWorker) shared(liveUrl, liveWorker, liveName);
  else listen(liveUrl, { onEvent, onState });
}
