// Short messages at the lower right. Done ones leave by themselves; refusals stay until read.
const STAY_MS = 5000;

export function toast(text, tone = "done") {
  const place = document.getElementById("toasts");
  if (!place || !text) return;
  const element = document.createElement("div");
  element.className = `toast-line tone-${tone}`;
  element.setAttribute("role", tone === "danger" ? "alert" : "status");
  const words = document.createElement("span");
  words.textContent = text;
  element.append(words, closer(element));
  place.append(element);
  settle(element, tone);
}

function closer(element) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "toast-close";
  button.textContent = "知道了";
  button.addEventListener("click", () => element.remove());
  return button;
}

function settle(element, tone) {
  if (tone !== "danger") setTimeout(() => element.remove(), STAY_MS);
}

export function startToasts() {
  document.body.addEventListener("toast", ({ detail }) => toast(detail.text ?? detail.value, detail.tone));
  document.querySelectorAll("#toasts [data-toast]").forEach((given) => {
    toast(given.textContent, given.dataset.toast);
    given.remove();
  });
}
