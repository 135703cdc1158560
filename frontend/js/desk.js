// The page of one call: note, suggestions, category, result. Fields beside the note are kept on
// this machine until the call is settled.
import { drawDanger, drawDepartments, drawSuggestions, showScript } from "./assist.js";
import { showBooking } from "./booking.js";
import { startDeskLine } from "./desk-line.js";
import { Note } from "./note.js";
import { offerOrder, startOrder } from "./order-panel.js";
import { Picker } from "./picker.js";

const STATES = {
  unsaved: ["正在输入…", "is-unsaved"],
  lost: ["没能保存，正在重试。内容已存在本机", "is-lost"],
  refused: ["没能保存", "is-lost"],
  conflict: ["等您决定留哪一份", "is-unsaved"],
};

const form = document.getElementById("wrap");
const banner = document.getElementById("danger");
const stateLine = document.getElementById("note-state");
const suggestions = document.getElementById("suggestions");
const draftKey = `hotline.wrap:${form.dataset.call}`;
let assistance = JSON.parse(suggestions.dataset.assistance);

const clock = () => new Date().toLocaleTimeString("zh-CN", { hour12: false });

function sayState(state, detail) {
  const [words, look] = STATES[state] ?? [`已保存 ${clock()}`, ""];
  stateLine.textContent = state === "refused" && detail ? `没能保存：${detail}` : words;
  stateLine.className = `small ${look || "quiet"}`;
}

function draw() {
  drawSuggestions(suggestions, assistance.suggestions, picker.chosen, (one) => picker.pick(one));
  drawDanger(banner, assistance.danger);
  drawDepartments(document.getElementById("departments"), assistance.departments);
  offerOrder(form, picker.chosen);
}

const picker = new Picker(form.querySelector(".picker"), (choice) => {
  keepDraft();
  if (choice.category === "booking") showBooking();
  showScript(picker.chosen?.category);
  draw();
});

const conflictBox = document.getElementById("note-conflict");
const note = new Note(document.getElementById("note"), {
  onState: sayState,
  onSaved(answer) {
    assistance = answer;
    sayState("saved");
    draw();
  },
  onConflict(theirs) {
    conflictBox.hidden = false;
    conflictBox.querySelector("[data-theirs]").textContent = theirs;
  },
});

conflictBox.addEventListener("click", ({ target }) => {
  if (!target.dataset.merge) return;
  conflictBox.hidden = true;
  note.resolve(target.dataset.merge);
  note.field.focus();
});

// ---- the other fields

const fields = () => [...form.elements].filter((field) => field.name && field.name !== "csrf_token");

function keepDraft() {
  const kept = {};
  for (const field of fields()) {
    if (field.type === "radio") kept[field.name] = field.checked ? field.value : (kept[field.name] ?? "");
    else kept[field.name] = field.type === "checkbox" ? field.checked : field.value;
  }
  sessionStorage.setItem(draftKey, JSON.stringify(kept));
}

function restoreDraft() {
  const kept = JSON.parse(sessionStorage.getItem(draftKey) ?? "null");
  if (!kept || form.querySelector(".error-summary")) return;
  for (const field of fields()) {
    if (!(field.name in kept)) continue;
    if (field.type === "radio") field.checked = field.value === kept[field.name];
    else if (field.type === "checkbox") field.checked = kept[field.name];
    else field.value = kept[field.name];
  }
  picker.say();
}

form.addEventListener("change", () => {
  keepDraft();
  offerOrder(form, picker.chosen);
});

// What was booked in this call goes into its note, and is its result unless another was chosen.
document.body.addEventListener("booked", ({ detail }) => {
  note.append(detail);
  const booked = form.querySelector('[name="disposition"][value="booked"]');
  if (!form.querySelector('[name="disposition"]:checked')) booked.checked = true;
  if (!picker.chosen) picker.set(picker.choices.find(({ category }) => category === "booking"));
  keepDraft();
});

// What was cancelled or moved goes into the note as well.
document.body.addEventListener("noted", ({ detail: { words, matter } }) => {
  note.append(words);
  const meant = ({ category, subcategory }) => category === "booking" && (!matter || subcategory === matter);
  if (!picker.chosen) picker.set(picker.choices.find(meant) ?? picker.choices.find(({ category }) => category === "booking"));
  keepDraft();
});

// So does the order that the call became.
document.body.addEventListener("filed", ({ detail: { words } }) => {
  note.append(words);
  form.querySelector('[name="disposition"][value="work_order"]').checked = true;
  if (!picker.chosen) picker.set(picker.choices.find(({ category }) => category === "complaint"));
  keepDraft();
});

startOrder(form, note);

// Nothing is settled before the note is safe.
form.addEventListener("submit", async (event) => {
  if (form.dataset.ready) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const isSaved = await note.save();
  if (!isSaved) return sayState(note.isStuck ? "conflict" : "lost");
  sessionStorage.removeItem(draftKey);
  form.dataset.ready = "yes";
  form.requestSubmit();
}, true);

// After a refused form the address is that of the sending; a reload belongs to the page itself.
history.replaceState(null, "", form.action.replace(/\/finish$/, ""));
startDeskLine();
restoreDraft();
showScript(picker.chosen?.category);
draw();
