// Tables: choose all of a page, show what a bulk action would touch.
function counted(list) {
  const boxes = [...list.querySelectorAll("input[name=selected]")];
  const chosen = boxes.filter((box) => box.checked).length;
  const all = list.querySelector("[data-select-all]");
  if (all) {
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  }
  const bar = list.querySelector(".bulk-bar");
  if (!bar) return;
  bar.hidden = chosen === 0;
  bar.querySelector("[data-chosen]").textContent = chosen;
}

function onChange({ target }) {
  const list = target.closest(".listing");
  if (!list) return;
  if (target.matches("[data-select-all]")) {
    list.querySelectorAll("input[name=selected]").forEach((box) => (box.checked = target.checked));
  }
  counted(list);
}

// A row is as good as its link: a click anywhere on it, but not on a control or on chosen text.
function openRow(event) {
  const row = event.target.closest("tr[data-href]");
  if (!row || event.target.closest("a, button, input, label, select, summary")) return;
  if (String(getSelection())) return;
  if (event.ctrlKey || event.metaKey) window.open(row.dataset.href, "_blank", "noopener");
  else location.assign(row.dataset.href);
}

export function startTables() {
  document.addEventListener("change", onChange);
  document.addEventListener("click", openRow);
}
