// A call becomes a work order beside it, in place. What was noted, sorted and typed at the desk so
// far goes to the server, which fills the form; nothing is asked twice.
import { toast } from "./toasts.js";

const place = () => document.getElementById("order-place");
const panel = () => document.getElementById("order");
const opener = () => document.getElementById("open-order");

const CARRIED = ["category", "subcategory", "caller_name"];

function saidSoFar(form) {
  const said = { call: form.dataset.call, confidential: form.elements.confidential.checked ? "yes" : "no" };
  for (const name of CARRIED) said[name] = form.elements[name].value;
  return said;
}

export async function showOrder(form, note) {
  place().hidden = false;
  place().scrollIntoView({ block: "start" });
  if (!panel().childElementCount) {
    await note.save();
    await window.htmx.ajax("POST", panel().dataset.panel, { target: "#order", swap: "innerHTML", values: saidSoFar(form) });
  }
  panel().querySelector("[data-first]")?.focus({ preventScroll: true });
}

// The way to an order is shown where one is due: a complaint, or a result that says so.
export function offerOrder(form, chosen) {
  if (!opener()) return;
  const result = form.querySelector('[name="disposition"]:checked')?.value;
  opener().hidden = !(chosen?.category === "complaint" || result === "work_order" || !place().hidden);
}

function close() {
  panel().replaceChildren();
  place().hidden = true;
  opener()?.focus();
}

export function startOrder(form, note) {
  if (!place()) return;
  opener()?.addEventListener("click", () => showOrder(form, note));
  document.body.addEventListener("filed", () => opener()?.remove());
  place().addEventListener("click", ({ target }) => target.closest("[data-closes-order]") && close());
  // What was typed into an order that is not filed would be lost with the page.
  form.addEventListener("submit", (event) => {
    const unfiled = panel().querySelector("#filing");
    if (!unfiled) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    toast("工单还没有登记：请先登记工单，或按 Alt+X 不建了。", "danger");
    unfiled.querySelector("[data-first]").focus();
  }, true);
}
