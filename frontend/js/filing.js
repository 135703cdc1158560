// What is typed into the form of a new order is kept in this tab until the order is filed.
const form = () => document.getElementById("filing");
const keyOf = (one) => `hotline.filing:${one.dataset.kept}`;
const isChoice = (field) => ["radio", "checkbox"].includes(field.type);
const fieldsOf = (one) =>
  [...one.elements].filter((field) => field.name && field.type !== "hidden" && field.type !== "submit");

function keep({ target }) {
  const one = target.closest?.("#filing");
  if (!one) return;
  const kept = fieldsOf(one).map((field) => [field.name, field.value, isChoice(field) ? field.checked : null]);
  sessionStorage.setItem(keyOf(one), JSON.stringify(kept));
}

function restore() {
  const one = form();
  if (!one || one.dataset.restored) return;
  one.dataset.restored = "yes";
  const kept = JSON.parse(sessionStorage.getItem(keyOf(one)) ?? "null");
  if (!kept || one.querySelector(".error-summary, .notice.tone-danger")) return;
  for (const [name, value, checked] of kept) {
    const field = fieldsOf(one).find((each) => each.name === name && (checked === null || each.value === value));
    if (!field) continue;
    if (checked === null) field.value = value;
    else field.checked = checked;
  }
  one.dispatchEvent(new Event("input", { bubbles: true })); // look for repetitions of what came back
}

function forget(one) {
  sessionStorage.removeItem(keyOf(one));
}

export function startFiling() {
  document.addEventListener("input", keep);
  document.addEventListener("change", keep);
  document.addEventListener("submit", ({ target }) => target.id === "filing" && forget(target));
  document.addEventListener("htmx:afterSettle", restore);
  document.addEventListener("click", ({ target }) => target.closest?.("[data-closes-order]") && form() && forget(form()), true);
  restore();
}
