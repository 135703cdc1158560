// Dangerous acts ask why. A button with data-reason="…" opens the one reason dialog of the page; the
// answer goes along as the form's `reason`. Other dialogs open with data-opens="id".
let waiting = null;

const dialog = () => document.getElementById("reason-dialog");

// Resolves with the reason, or null when the person thought better of it.
export function askReason({ title, help = "", action = "确定", choices = "", tone = "danger" }) {
  const box = dialog();
  const field = box.querySelector("textarea");
  box.querySelector("h2").textContent = title;
  box.querySelector("[data-help]").textContent = help;
  const go = box.querySelector("[data-go]");
  go.textContent = action;
  go.className = `btn btn-${tone}`;
  field.value = "";
  offer(box.querySelector("[data-choices]"), field, choices);
  box.showModal();
  field.focus();
  return new Promise((done) => (waiting = done));
}

function offer(place, field, choices) {
  place.replaceChildren(
    ...choices.split("|").filter(Boolean).map((words) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "chip";
      button.textContent = words;
      button.addEventListener("click", () => {
        field.value = words;
        field.focus();
      });
      return button;
    }),
  );
}

function answer(value) {
  waiting?.(value);
  waiting = null;
  dialog().close();
}

function submitReason(event) {
  event.preventDefault();
  const reason = event.target.querySelector("textarea").value.trim();
  if (reason.length >= 2) answer(reason);
}

// Stops a submit that still lacks its reason, asks, and submits again with it.
async function interrupt(event) {
  const button = event.submitter;
  if (!button?.dataset.reason || event.target.dataset.reasoned) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const { reason: title, reasonHelp: help, reasonAction: action, reasonChoices: choices } = button.dataset;
  const words = await askReason({ title, help, action, choices });
  if (words === null) return button.focus();
  withReason(event.target, words, button);
}

function withReason(form, words, button) {
  form.querySelector('input[name="reason"][type="hidden"]')?.remove();
  const input = Object.assign(document.createElement("input"), { type: "hidden", name: "reason", value: words });
  form.append(input);
  form.dataset.reasoned = "yes";
  form.requestSubmit(button);
  delete form.dataset.reasoned;
}

function openOrClose(event) {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
}

export function startDialogs() {
  document.addEventListener("click", openOrClose);
  document.addEventListener("submit", interrupt, true);
  const box = dialog();
  if (!box) return;
  box.querySelector("form").addEventListener("submit", submitReason);
  box.querySelector("[data-cancel]").addEventListener("click", () => answer(null));
  box.addEventListener("close", () => {
    waiting?.(null);
    waiting = null;
  });
}
