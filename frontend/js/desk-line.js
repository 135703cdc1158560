// The agent speaks with the caller on this page: the microphone opens as soon as the call is up.
import { send } from "./exchange.js";
import { Sound, VoiceLink } from "./voice-link.js";

const AGAIN_MS = 1500;
const MOST_TRIES = 8;
const SHORT = 12; // letters that fit beside the button in two lines
// The line does not know the call any more, and the records do: only the agent can end it.
const GONE = "来电人已不在线，请按 F9 挂断，再登记";
const ENDS = {
  caller: "来电人已挂断",
  elsewhere: "通话声音已转到您的另一个页面",
  desk: "通话已结束",
};

const page = document.getElementById("desk-line");
const words = page?.querySelector("[data-line-words]");
const mute = page?.querySelector("[data-mute]");
let sound = null;
let link = null;
let tries = 0;
let isHeld = false;
let ending = "";

function say(text, tone) {
  words.textContent = text;
  page.dataset.tone = tone;
  page.classList.toggle("is-long", text.length > SHORT);
}

const SAID = {
  talking() {
    isHeld = false;
    sayHow();
  },
  held() {
    isHeld = true;
    sayHow();
  },
  end({ reason, cause }) {
    ending = ENDS[cause] ?? (reason === "transferred" ? GONE : "");
  },
};

function sayHow() {
  if (isHeld) say("来电人在听音乐，听不到您", "soon");
  else if (sound.fault) say(`来电人听不到您：${sound.fault}，再刷新本页`, "danger");
  else if (sound.waitsForClick) say("浏览器还没放行声音：点一下页面任意处", "soon");
  else if (sound.isMuted) say("已静音，来电人听不到您", "soon");
  else say("声音已接通", "done");
}

async function open() {
  say("正在接通声音…", "rest");
  sound = new Sound(page.dataset.worklet);
  await sound.open((frame) => link?.send(frame), () => link?.isOpen && sayHow());
  connect();
}

async function connect() {
  ending = "";
  try {
    const { ticket, address } = await send(page.dataset.ticket, {});
    link = new VoiceLink(sound, { onOpen: begin, onMessage: (said) => SAID[said.type]?.(said), onClose: closed });
    link.connect(address, { ticket });
  } catch (error) {
    if (error.status === 404) over(error.message, "soon");
    else again();
  }
}

function begin() {
  tries = 0;
  sayHow();
}

function closed() {
  if (ending) over(ending, ending === GONE ? "soon" : "rest");
  else again();
}

function again() {
  tries += 1;
  if (tries > MOST_TRIES) return over("声音接不通了，请告诉管理员；可以回拨来电人");
  say("声音断了，正在重新接通…", "soon");
  setTimeout(connect, AGAIN_MS);
}

function over(text, tone = "rest") {
  sound?.close();
  sound = link = null;
  mute.disabled = true;
  say(text, tone);
}

function turnMute() {
  if (!sound) return;
  sound.mute(!sound.isMuted);
  mute.setAttribute("aria-pressed", String(sound.isMuted));
  sayHow();
}

function wake() {
  if (!sound?.waitsForClick) return;
  sound.wake();
}

export function startDeskLine() {
  if (!page) return;
  mute.addEventListener("click", turnMute);
  document.addEventListener("pointerdown", wake);
  document.addEventListener("keydown", wake);
  open();
}
