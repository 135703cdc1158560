// Shows a masked number for 30 s after a reason was given; the server writes the log line.
import { send } from "./exchange.js";
import { askReason } from "./dialogs.js";
import { toast } from "./toasts.js";

const SHOWN_SECONDS = 30;
const REASONS = "回拨来电人|核对身份|转办需要|紧急救助";

async function reveal(button) {
  const reason = await askReason({
    title: "为什么要查看完整信息？",
    help: "查看会记入审计，显示 30 秒后自动隐藏。",
    action: "查看",
    choices: REASONS,
    tone: "primary",
  });
  if (reason === null) return;
  try {
    show(button, (await send(button.dataset.reveal, { reason })).value);
  } catch (error) {
    toast(error.message, "danger");
  }
}

function show(button, value) {
  const place = button.closest(".masked");
  const text = place.querySelector("[data-value]");
  const masked = text.textContent;
  text.textContent = value;
  place.classList.add("is-shown");
  countDown(button, SHOWN_SECONDS, () => {
    text.textContent = masked;
    place.classList.remove("is-shown");
  });
}

function countDown(button, seconds, done) {
  const words = button.textContent;
  button.disabled = true;
  const timer = setInterval(tick, 1000);
  function tick() {
    button.textContent = `${seconds} 秒`;
    if (seconds-- > 0 && button.isConnected) return;
    clearInterval(timer);
    button.textContent = words;
    button.disabled = false;
    done();
  }
  tick();
}

export function startReveal() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-reveal]");
    if (button) reveal(button);
  });
}
