// A ring shows on every page of the agent: a panel, the tab's title, and a sound that can be turned
// down but not off. One tab rings aloud even when several are open.
const KEY = "hotline.ring-volume";
const QUIETEST = 0.15;
const TURN_MS = 900;

let audio = null;
let sounding = null;
let titleTimer = null;
let title = "";

const volume = () => Math.max(QUIETEST, Number(localStorage.getItem(KEY) ?? 0.6));

// The double ring of a Chinese telephone: 450 Hz, one second on, four off, here a little livelier.
function burst() {
  const start = audio.currentTime;
  const gain = audio.createGain();
  gain.connect(audio.destination);
  gain.gain.setValueAtTime(0, start);
  for (const at of [0, 0.45]) {
    gain.gain.linearRampToValueAtTime(volume() * 0.5, start + at + 0.02);
    gain.gain.setValueAtTime(volume() * 0.5, start + at + 0.3);
    gain.gain.linearRampToValueAtTime(0, start + at + 0.36);
  }
  for (const hertz of [450, 900]) {
    const tone = new OscillatorNode(audio, { frequency: hertz });
    tone.connect(gain);
    tone.start(start);
    tone.stop(start + 1);
  }
}

async function sound() {
  audio ??= new AudioContext();
  await Promise.race([audio.resume(), new Promise((done) => setTimeout(done, 300))]);
  document.documentElement.dataset.sound = audio.state;
  if (audio.state === "running") burst();
}

function ringAloud() {
  sound();
  sounding = setInterval(sound, 2400);
}

// With Web Locks only one tab rings; without them (plain http) the one that is seen does.
function claimSound(until) {
  if (!navigator.locks) return document.visibilityState === "visible" && ringAloud();
  return navigator.locks.request("hotline-ring", { ifAvailable: true }, (lock) => {
    if (!lock || until.aborted) return null;
    ringAloud();
    return new Promise((done) => until.addEventListener("abort", done));
  });
}

let quiet = null;

function start(words) {
  if (quiet) return;
  quiet = new AbortController();
  title = document.title;
  let on = false;
  titleTimer = setInterval(() => {
    on = !on;
    document.title = on ? `☎ 来电 ${words}` : title;
  }, TURN_MS);
  document.title = `☎ 来电 ${words}`;
  claimSound(quiet.signal);
}

function stop() {
  if (!quiet) return;
  quiet.abort();
  quiet = null;
  clearInterval(sounding);
  clearInterval(titleTimer);
  document.title = title;
}

// The server renders the ring panel; whether one is on the page says whether to ring.
function look() {
  const ringing = document.querySelector("#ring [data-ringing]");
  if (ringing) start(ringing.dataset.ringing);
  else stop();
}

function turn({ target }) {
  if (!target.matches("[data-ring-volume]")) return;
  localStorage.setItem(KEY, String(target.value / 100));
  sound();
}

export function startRing() {
  const place = document.getElementById("ring");
  const slider = document.querySelector("[data-ring-volume]");
  if (slider) slider.value = Math.round(volume() * 100);
  document.addEventListener("change", turn);
  if (!place) return;
  new MutationObserver(look).observe(place.parentElement, { childList: true, subtree: true });
  look();
}
