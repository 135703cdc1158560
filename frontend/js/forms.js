// Forms for people whose hands stay on the keys: Enter moves on, Ctrl+Enter saves, a form is sent
// once, filters leave empty fields out of the address.
const STEPS = "input:not([type=hidden]), select, textarea, button[type=submit]";

const canTake = (element) => !element.disabled && element.tabIndex >= 0 && element.offsetParent;

function next(field) {
  const steps = [...field.form.querySelectorAll(STEPS)].filter(canTake);
  return steps[steps.indexOf(field) + 1];
}

function onEnter(event) {
  const field = event.target;
  if (event.key !== "Enter" || event.isComposing || !field.form) return;
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    field.form.requestSubmit([...field.form.elements].find((one) => one.matches("[data-main]")));
  } else if (field.form.matches(".flow") && field.matches("input, select")) {
    event.preventDefault();
    next(field)?.focus();
  }
}

function dropEmpty(event) {
  if (!event.target.matches("form[data-filter]")) return;
  for (const field of event.target.elements) if (field.name && !field.value) field.disabled = true;
  setTimeout(() => [...event.target.elements].forEach((field) => (field.disabled = false)));
}

function sendOnce(event) {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || form.method === "dialog" || form.matches("[data-filter]")) return;
  if (form.dataset.sent) return event.preventDefault();
  if (form.matches("[hx-post], [hx-get], [hx-put]") || submitter?.matches("[data-download]")) return;
  form.dataset.sent = "yes";
  submitter?.classList.add("is-busy");
}

function submitAtOnce(event) {
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
}

// A usual answer, one press away: data-fills="id of the field".
function fill({ target }) {
  const button = target.closest?.("[data-fills]");
  const field = button && document.getElementById(button.dataset.fills);
  if (!field) return;
  field.value = button.textContent.trim();
  field.focus();
}

export function startForms() {
  document.addEventListener("click", fill);
  document.addEventListener("keydown", onEnter);
  document.addEventListener("submit", dropEmpty);
  document.addEventListener("submit", sendOnce);
  document.addEventListener("change", submitAtOnce);
  addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
  });
  document.querySelector(".error-summary")?.focus();
}
