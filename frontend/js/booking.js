// Booking by keyboard: find a place, walk the half-days, take a slot, hold, confirm. Used on its own
// page and in the panel of the desk. What is typed of a patient is kept in this tab until it is booked.
import { serverNow } from "./clocks.js";
import { send } from "./exchange.js";
import { toast } from "./toasts.js";

const PAUSE_MS = 120;
const KINDS = { hospital: "医院", department: "科室", doctor: "医生", item: "项目" };
// A swap may have replaced the region: it is known by its name.
const REGIONS = ["booking", "booking-days", "booking-slots", "booking-known", "booking-found"];
const panel = () => document.getElementById("booking");

export function load(address) {
  return window.htmx.ajax("GET", address, { target: "#booking", swap: "innerHTML" });
}

// On the desk the panel comes when it is wanted, and goes on where it was.
const IS_DONE = "[data-booked], [data-rebooked], [data-waiting], [data-noted]";

let goTo = ""; // the field that was asked for, until the panel is there

export async function showBooking(field = "booking-search") {
  const place = document.getElementById("booking-place");
  if (!place) return;
  const isNew = place.hidden;
  place.hidden = false;
  place.scrollIntoView({ block: "start" });
  const isOver = Boolean(panel().querySelector(IS_DONE));
  goTo = field;
  if (isNew || isOver || !panel().childElementCount) await load(panel().dataset.panel);
  else focusFirst(panel());
}

// ---- one field for hospitals, departments and doctors

let found = [];
let at = 0;
let timer;
let asking;
let isEager = false; // Enter came before the answer

const list = () => document.getElementById("booking-places");

const make = (tag, className, text) =>
  Object.assign(document.createElement(tag), { className, textContent: text });

function row(place, index) {
  const line = make("li", "", "");
  line.id = `place-${index}`;
  line.setAttribute("role", "option");
  const left = place.left === null ? "" : place.left ? `7天余 ${place.left}` : "7天已满";
  line.append(make("span", "group", KINDS[place.kind]), make("b", "", place.name),
    make("span", "beyond", place.beyond), make("span", "initials", left));
  return line;
}

function draw(field, places) {
  found = places;
  const nothing = make("li", "quiet", "没有找到，换几个字或首字母试试");
  list().replaceChildren(...(found.length ? found.map(row) : [nothing]));
  list().hidden = false;
  field.setAttribute("aria-expanded", "true");
  mark(field, 0);
}

function mark(field, index) {
  at = Math.max(0, Math.min(index, found.length - 1));
  [...list().children].forEach((line, i) => line.setAttribute("aria-selected", String(found.length > 0 && i === at)));
  list().children[at]?.scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", found.length ? `place-${at}` : "");
}

function close(field) {
  if (list()) list().hidden = true;
  field.setAttribute("aria-expanded", "false");
}

async function ask(field) {
  asking?.abort();
  const mine = (asking = new AbortController());
  // Two words may lie outside the place chosen so far: then the whole city is searched.
  const address = new URL(field.dataset.places, location.href);
  address.searchParams.set("q", field.value.trim());
  try {
    let places = await fetchPlaces(address, mine.signal);
    if (!places.length && field.value.trim()) {
      const wide = new URL(field.dataset.everywhere, location.href);
      wide.searchParams.set("q", field.value.trim());
      places = await fetchPlaces(wide, mine.signal);
    }
    // Whoever has gone on wants no list over what they look at now.
    if (mine.signal.aborted || document.activeElement !== field) return;
    draw(field, places);
    if (isEager) pick(field);
  } catch (error) {
    if (error.name !== "AbortError") toast("没有查到，请重试。", "danger");
  }
}

async function fetchPlaces(address, signal) {
  const answer = await fetch(address, { signal, headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()).places;
}

function askSoon(field) {
  clearTimeout(timer);
  isEager = false;
  timer = setTimeout(() => {
    timer = undefined;
    ask(field);
  }, PAUSE_MS);
}

function pick(field) {
  isEager = false;
  const place = found[at];
  if (!place) return;
  close(field);
  if (panel()) load(place.address);
  else location.assign(place.address); // a page of its own, such as the one that stops clinics
}

function onSearchKey(event) {
  const field = event.target;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    if (list().hidden) ask(field);
    else mark(field, at + step);
  } else if (event.key === "Enter" && !event.ctrlKey) {
    event.preventDefault();
    if (timer || list().hidden) isEager = true;
    if (timer) return;
    if (list().hidden) ask(field);
    else pick(field);
  } else if (event.key === "Escape" && !list().hidden) {
    event.stopPropagation();
    close(field);
  }
}

// ---- arrows among half-days and slots

function cellBeside(cell, key) {
  const rows = [...cell.closest("tbody").rows].map((line) => [...line.cells].slice(1));
  const y = rows.findIndex((line) => line.includes(cell.parentElement));
  const x = rows[y].indexOf(cell.parentElement);
  const [dx, dy] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[key];
  for (let i = x + dx, j = y + dy; rows[j]?.[i]; i += dx, j += dy) {
    const button = rows[j][i].querySelector("button");
    if (button) return button;
  }
  return key === "ArrowDown" ? panel().querySelector(".slot") : null;
}

function lineBeside(line, key) {
  const lines = [...line.parentElement.children];
  return lines[lines.indexOf(line) + ({ ArrowDown: 1, ArrowUp: -1 }[key] ?? 0)] ?? null;
}

function slotBeside(slot, key) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (!step) return null;
  const slots = [...panel().querySelectorAll(".slot")];
  return slots[slots.indexOf(slot) + step] ?? panel().querySelector('.half-day[aria-pressed="true"]');
}

function onArrow(event) {
  if (!event.key.startsWith("Arrow")) return;
  const { target } = event;
  const beside = target.matches(".half-day") ? cellBeside(target, event.key)
    : target.matches(".slot") ? slotBeside(target, event.key)
      : target.matches(".booked-line") ? lineBeside(target, event.key) : undefined;
  if (beside === undefined) return;
  event.preventDefault();
  beside?.focus();
}

// ---- the patient

const draftKey = () => `hotline.patient:${panel().dataset.draft}`;
const KEPT = ["patient_name", "id_number", "mobile", "guardian_name", "guardian_id"];

function keepDraft(form) {
  const kept = KEPT.map((name) => [name, form.elements[name]?.value ?? ""]);
  sessionStorage.setItem(draftKey(), JSON.stringify(Object.fromEntries(kept)));
}

function restoreDraft(form) {
  const kept = JSON.parse(sessionStorage.getItem(draftKey()) ?? "{}");
  for (const name of KEPT) {
    const field = form.elements[name];
    if (field && !field.value && kept[name]) field.value = kept[name];
  }
}

// A patient who is known has nothing to be typed.
function showFields(form) {
  const chosen = form.querySelector("[data-account]:checked");
  const isKnown = Boolean(chosen?.value);
  form.querySelectorAll("[data-unknown]").forEach((part) => (part.hidden = isKnown));
}

// Somebody else than whoever is known: a name is typed.
function chooseOther({ target }) {
  if (!target.closest?.("[data-other]")) return;
  const form = document.getElementById("booking-patient");
  const other = form?.querySelector('[data-account][value=""]');
  if (!other) return;
  other.checked = true;
  showFields(form);
  form.elements.patient_name.focus();
}

function openGuardian(event) {
  const box = event.target.closest?.(".booking details > summary")?.parentElement;
  if (!box) return;
  const isShut = !box.open;
  if (!isShut && !box.contains(document.activeElement)) event.preventDefault(); // open already: go there
  if (isShut || event.defaultPrevented) setTimeout(() => box.querySelector("input")?.focus());
}

let readTimer;
function readSoon(field) {
  clearTimeout(readTimer);
  const said = document.getElementById("identity-said");
  const length = field.value.replace(/[\s-]/g, "").length;
  said.className = "help";
  said.textContent = length ? `已输 ${length} 位` : "身份证 18 位；护照、港澳台通行证也可以";
  if (length >= 8) readTimer = setTimeout(() => readIdentity(field, said), length === 18 ? 0 : 600);
}

async function readIdentity(field, said) {
  const typed = field.value;
  try {
    const { ok, words, child } = await send(field.dataset.identity, { id_number: typed });
    if (field.value !== typed) return;
    if (child) field.form.querySelector("details.more").open = true;
    said.textContent = (ok ? `✓ ${words}` : words) + (child ? "，请填监护人（Alt+G）" : "");
    said.className = ok ? "help is-right" : "help is-wrong";
  } catch {
    // the form says it again when it is sent
  }
}

// ---- what follows an answer

function isByHand(detail) {
  return detail.requestConfig?.triggeringEvent?.type !== "live";
}

function settled({ detail }) {
  if (!panel() || !REGIONS.includes(detail.target.id)) return;
  const form = document.getElementById("booking-patient");
  if (form) {
    restoreDraft(form);
    showFields(form);
    const field = form.elements.id_number;
    if (field.value) readSoon(field);
  }
  pressCell();
  if (isByHand(detail)) focusFirst(document.getElementById(detail.target.id));
  if (panel().querySelector("[data-rebooked]")) document.body.dispatchEvent(new Event("rebooked"));
  watchTime();
  sayDone();
  const booked = panel().querySelector("[data-booked]");
  if (booked && !booked.dataset.said) {
    booked.dataset.said = "yes";
    sessionStorage.removeItem(draftKey());
    document.body.dispatchEvent(new CustomEvent("booked", { detail: booked.dataset.booked }));
  }
}

// What was cancelled or moved goes into the note of the call.
function sayDone() {
  const done = panel().querySelector("[data-noted]");
  if (!done || done.dataset.said) return;
  done.dataset.said = "yes";
  const { noted: words, matter } = done.dataset;
  document.body.dispatchEvent(new CustomEvent("noted", { detail: { words, matter } }));
  document.body.dispatchEvent(new Event("rebooked"));
}

// The time of a unit that is kept: amber in the last minute; then it may be kept once more, by one key.
const NEAR_S = 60;

function watchTime() {
  const held = panel()?.querySelector("[data-ends]");
  if (!held) return;
  const left = (Date.parse(held.dataset.ends) - serverNow()) / 1000;
  held.classList.toggle("is-near", left <= NEAR_S);
  if (left > 0 || held.classList.contains("is-past")) return;
  const hadFocus = held.contains(document.activeElement);
  held.classList.add("is-past");
  held.querySelectorAll("[data-while]").forEach((part) => (part.hidden = true));
  held.querySelectorAll("[data-after]").forEach((part) => (part.hidden = false));
  if (hadFocus) (held.querySelector("[data-after] button") ?? held.querySelector(".read-back")).focus();
}

function focusFirst(place) {
  if (place?.id === "booking") document.getElementById("booking-place")?.scrollIntoView({ block: "start" });
  const asked = document.getElementById(goTo);
  const first = asked ?? place?.querySelector(".error-summary a, [data-first]");
  asked?.select();
  goTo = "";
  if (first?.matches(".error-summary a")) first.click();
  else first?.focus({ preventScroll: place.id === "booking" });
}

// The cell that was chosen stays marked when only the slots below are fetched.
function pressCell() {
  const slots = document.getElementById("booking-slots");
  const asked = slots?.getAttribute("hx-get");
  if (!asked) return;
  const chosen = new URL(asked, location.href).searchParams;
  const id = `c-${chosen.get("day")}-${chosen.get("half")}`;
  panel().querySelectorAll(".half-day").forEach((cell) => cell.setAttribute("aria-pressed", String(cell.id === id)));
}

function onInput({ target }) {
  if (target.id === "booking-search") askSoon(target);
  if (target.form?.id !== "booking-patient") return;
  keepDraft(target.form);
  if (target.matches("[data-identity]")) readSoon(target);
}

function onKey(event) {
  if (event.isComposing) return;
  if (event.target.id === "booking-search") onSearchKey(event);
  else if (panel()?.contains(event.target)) onArrow(event);
}

function onPointer(event) {
  const line = event.target.closest("#booking-places li");
  if (!line || !found.length) return;
  event.preventDefault();
  at = [...list().children].indexOf(line);
  pick(document.getElementById("booking-search"));
}

function onFocus({ target }) {
  if (target.id === "booking-search" && new URL(target.dataset.places, location.href).searchParams.has("hospital")) ask(target);
}

document.getElementById("open-booking")?.addEventListener("click", () => showBooking());
document.getElementById("open-lookup")?.addEventListener("click", () => showBooking("booking-lookup"));
document.addEventListener("click", chooseOther);
document.addEventListener("click", openGuardian);
setInterval(watchTime, 1000);
document.addEventListener("input", onInput);
document.addEventListener("keydown", onKey);
document.addEventListener("pointerdown", onPointer);
document.addEventListener("focusin", onFocus);
document.addEventListener("focusout", ({ target }) => target.id === "booking-search" && close(target));
document.addEventListener("change", ({ target }) => target.matches("[data-account]") && showFields(target.form));
document.addEventListener("htmx:afterSettle", settled);
// Nothing of a call is settled over a slot that is held and not confirmed.
document.addEventListener("submit", (event) => {
  const held = panel()?.querySelector("[data-held] [data-first]");
  if (event.target.id !== "wrap" || !held) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  toast("还占着一个号没有确认：请先确认，或放回重选。", "danger");
  held.focus();
}, true);
if (panel()?.childElementCount) panel().querySelector("[data-first]")?.focus({ preventScroll: true });
