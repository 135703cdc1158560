// Everything by keyboard. A control names its keys in data-key ("F9", "alt+1|1", "g 1"); single
// characters work outside text fields only. `?` shows the map of what is on the page now.
const SEQUENCE_MS = 1200;
let begun = "";
let timer;

const isTyping = (target) =>
  target.isContentEditable ||
  (target.matches?.("input, textarea, select") &&
    !["checkbox", "radio", "button", "submit"].includes(target.type));

const isVisible = (element) => element.checkVisibility?.() ?? element.offsetParent !== null;

export function nameOf(event) {
  const parts = [];
  if (event.ctrlKey || event.metaKey) parts.push("ctrl");
  if (event.altKey) parts.push("alt");
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code ?? "");
  const key = event.altKey && digit ? digit[1] : event.key;
  parts.push(key.length === 1 ? key.toLowerCase() : key);
  return parts.join("+");
}

const alternatives = (element) => element.dataset.key.split("|");

function find(name) {
  const scope = document.querySelector("dialog[open]") ?? document;
  return [...scope.querySelectorAll("[data-key]")].find(
    (element) => alternatives(element).includes(name) && !element.disabled && isVisible(element),
  );
}

function act(element) {
  if (element.matches("input:not([type=checkbox], [type=radio]), textarea, select")) {
    element.focus();
    element.select?.();
  } else {
    if (element.matches("button, a")) element.focus({ preventScroll: true });
    element.click();
  }
}

function startsSequence(name) {
  return [...document.querySelectorAll("[data-key]")].some((element) =>
    alternatives(element).some((keys) => keys.startsWith(`${name} `)),
  );
}

function begin(name) {
  begun = name;
  clearTimeout(timer);
  timer = setTimeout(() => (begun = ""), SEQUENCE_MS);
}

function onKey(event) {
  if (event.defaultPrevented || event.isComposing || event.repeat || typeof event.key !== "string") return;
  const name = nameOf(event);
  const plain = !/^(?:ctrl|alt)\+|^F\d+$/.test(name);
  if (plain && isTyping(event.target)) {
    if (name === "Escape") event.target.blur();
    return;
  }
  const full = begun ? `${begun} ${name}` : name;
  begun = "";
  const element = find(full) ?? find(name);
  if (element) {
    event.preventDefault();
    act(element);
  } else if (startsSequence(name)) begin(name);
}

// ---- the map

const SHOWN = { Enter: "回车", Escape: "Esc", ctrl: "Ctrl", alt: "Alt", " ": "空格" };

function spelled(keys) {
  const press = (key) => key.split("+").map((part) => SHOWN[part] ?? part).join("+");
  return keys.split(" ").map(press).join(" 再按 ");
}

function line(element) {
  const words = element.dataset.keyName ?? element.getAttribute("aria-label") ?? element.textContent;
  const row = document.createElement("tr");
  const keys = document.createElement("td");
  alternatives(element).forEach((one, index) => {
    if (index) keys.append(" 或 ");
    const kbd = document.createElement("kbd");
    kbd.textContent = spelled(one);
    keys.append(kbd);
  });
  const name = document.createElement("td");
  name.textContent = words.trim().replace(/\s+/g, " ");
  row.append(keys, name);
  return row;
}

function showMap() {
  const box = document.getElementById("key-map");
  const controls = [...document.querySelectorAll("[data-key]")].filter(
    (element) => isVisible(element) && !box.contains(element),
  );
  box.querySelector("tbody").replaceChildren(...controls.map(line));
  box.showModal();
}

export function startKeys() {
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => event.target.closest("[data-key-map]") && showMap());
}
