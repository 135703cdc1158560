// 拨打 12320: the page is a telephone. What was asked and heard stands beside it as it happens.
import { send } from "./exchange.js";
import { spell } from "./clocks.js";
import { Sound, VoiceLink } from "./voice-link.js";

const page = document.getElementById("telephone");
const part = (name) => page.querySelector(`[data-${name}]`);
const labels = JSON.parse(page.dataset.slots);
const canCall = "canCall" in page.dataset;
const talk = document.getElementById("talk");

const STATES = {
  idle: "尚未拨打",
  dialling: "正在拨号",
  up: "通话中",
  waiting: "已转人工，正在排队",
  person: "已转人工，正在和坐席通话",
  held: "坐席请您稍等",
  ended: "通话结束",
};
const UP = ["up", "waiting", "person", "held"];
const NOT_HEARD = { no_input: "（没有说话）", no_match: "（没有听清）", person: "要人工", hung_up: "（挂断）" };
const ENDINGS = {
  busy: "线路忙，现在没有空闲的线路，请过几分钟再拨。",
  callback: "已登记回电，我们会尽快打给您。",
  draining: "语音线路正在停止，请稍后再拨。",
  lost: "和语音线路的连接断了，请重新拨打。",
  ticket: "这次拨号没有被放行，请刷新页面再拨。",
  down: "连不上语音线路，请稍后再拨；一直不行请告诉管理员。",
};

const CUT = "hotline.dial-cut"; // a page that is loaded anew has hung up

let state = "idle";
let call = null;
let began = 0;
let ending = "";

function show(next) {
  state = next;
  page.dataset.state = next;
  part("state").textContent = STATES[next];
  part("dial").disabled = !canCall || (next !== "idle" && next !== "ended");
  part("hangup").disabled = !UP.includes(next) && next !== "dialling";
  page.querySelectorAll("[data-digit]").forEach((key) => (key.disabled = !UP.includes(next)));
}

function tick() {
  if (began && UP.includes(state)) part("clock").textContent = spell(Math.floor((Date.now() - began) / 1000));
}

function say(text, tone = "") {
  const line = part("notice");
  line.hidden = !text;
  line.className = `notice ${tone && `tone-${tone}`}`;
  part("notice-words").textContent = text;
}

// ---- what is said

function line(who, words, look) {
  const item = document.createElement("li");
  item.className = look;
  const name = document.createElement("b");
  name.textContent = who;
  const text = document.createElement("p");
  text.textContent = words;
  item.append(name, text);
  talk.append(item);
  talk.scrollTop = talk.scrollHeight;
}

const dayInWords = (written) =>
  new Date(`${written}T00:00`).toLocaleDateString("zh-CN", { month: "long", day: "numeric", weekday: "short" });

function chips(slots) {
  const place = document.getElementById("understood");
  place.replaceChildren(...Object.entries(slots ?? {}).filter(([name, value]) => labels[name] && value).map(([name, value]) => {
    const chip = document.createElement("span");
    chip.className = "chip heard";
    chip.textContent = `${labels[name]}：${value.replace(/\d{4}-\d{2}-\d{2}/g, dayInWords)}`;
    return chip;
  }));
}

const TAKE = {
  asking: ({ prompt }) => prompt && line("热线", prompt, "is-ours"),
  turn({ heard, outcome, slots }) {
    line("您", heard || NOT_HEARD[outcome] || "……", heard ? "is-mine" : "is-mine quiet");
    chips(slots);
  },
  waiting({ position, call_back: canCallBack }) {
    show("waiting");
    const ahead = position > 1 ? `您前面还有 ${position - 1} 位` : "下一个就是您";
    say(`${ahead}。${canCallBack ? "不想等的话按 1，我们给您打回来。" : ""}`, "soon");
  },
  talking({ agent }) {
    const isBack = state === "held";
    show("person");
    say(agent ? `坐席 ${agent} 正在和您通话。` : "坐席正在和您通话。", "done");
    if (!isBack) line("热线", "已接通坐席。", "is-ours");
  },
  held() {
    show("held");
    say("坐席请您稍等，正在播放音乐。", "soon");
  },
  transfer: ({ target }) => (ending ||= target === "busy" ? "busy" : ""),
  end({ reason, cause }) {
    ending = ENDINGS[cause] ? cause : ENDINGS[reason] ? reason : "none";
  },
};

// ---- the call

async function dial() {
  show("dialling");
  say("");
  talk.replaceChildren();
  chips({});
  began = 0;
  ending = "";
  part("clock").textContent = "";
  part("pressed").textContent = "";
  const caller = page.querySelector("[name=caller]").value.trim();
  try {
    const { ticket, address } = await send(page.dataset.ticket, { caller });
    await open(address, { caller, ticket });
  } catch (error) {
    over(error.message);
  }
}

async function open(address, hello) {
  const sound = new Sound(page.dataset.worklet);
  const link = new VoiceLink(sound, {
    onOpen: begin,
    onMessage: (message) => TAKE[message.type]?.(message),
    onClose: (code) => closed(code),
  });
  call = { sound, link };
  await sound.open((frame) => link.send(frame));
  if (call?.link !== link) return sound.close(); // given up meanwhile
  if (sound.fault) say(`${sound.fault}。没有麦克风也能用按键。`, "soon");
  link.connect(address, hello);
}

function begin() {
  began = Date.now();
  show("up");
}

function closed(code) {
  if (!began) return over(ENDINGS.down);
  if (code === 1008) return over(ENDINGS.ticket);
  return over(ENDINGS[ending || (code === 1006 ? "lost" : "none")] ?? "", ending === "none" || ending === "callback" ? "" : "danger");
}

function over(words, tone = words ? "danger" : "") {
  call?.link.close();
  call?.sound.close();
  call = null;
  show("ended");
  say(words, tone);
  if (began) line("热线", "通话结束。", "is-ours quiet");
}

function hangUp() {
  if (!call) return;
  ending = "none";
  if (!call.link.isOpen) return over("");
  call.link.say({ type: "hangup" });
}

// ---- keys

const ROWS = [697, 770, 852, 941];
const COLUMNS = [1209, 1336, 1477];

function beep(digit) {
  const { context } = call?.sound ?? {};
  const place = "123456789*0#".indexOf(digit);
  if (!context || context.state !== "running") return;
  const gain = new GainNode(context, { gain: 0.04 });
  gain.connect(context.destination);
  for (const frequency of [ROWS[Math.floor(place / 3)], COLUMNS[place % 3]]) {
    const tone = new OscillatorNode(context, { frequency });
    tone.connect(gain);
    tone.start();
    tone.stop(context.currentTime + 0.12);
  }
}

function press(digit) {
  if (!call || !UP.includes(state)) return;
  call.link.say({ type: "dtmf", digit });
  beep(digit);
  part("pressed").textContent = (part("pressed").textContent + digit).slice(-18);
}

page.addEventListener("click", ({ target }) => {
  const key = target.closest("[data-digit]");
  if (key) press(key.dataset.digit);
});
part("dial").addEventListener("click", dial);
part("hangup").addEventListener("click", hangUp);
document.addEventListener("pointerdown", () => call?.sound.wake());
document.addEventListener("keydown", () => call?.sound.wake());
function leave() {
  if (call) sessionStorage.setItem(CUT, "yes");
  hangUp();
}

function sayWasCut() {
  if (sessionStorage.getItem(CUT)) say("离开或刷新页面时，刚才的通话已经挂断。要接着打，请重新拨。", "soon");
  sessionStorage.removeItem(CUT);
}

addEventListener("pagehide", leave);
setInterval(tick, 500);
show("idle");
sayWasCut();
