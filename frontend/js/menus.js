// Menus are <details class="menu">: one open at a time, closed by Escape or a click elsewhere.
const open = () => document.querySelectorAll("details.menu[open]");

function closeOthers(event) {
  open().forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
}

function closeByKey(event) {
  if (event.key !== "Escape") return;
  open().forEach((menu) => {
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}

// What was chosen is chosen: an open menu also holds its own live update back.
function closeChosen(event) {
  const menu = event.target.closest("details.menu");
  if (menu) menu.open = false;
}

function showWayBack() {
  const veil = document.getElementById("signed-out");
  if (!veil.hidden) return;
  veil.hidden = false;
  veil.querySelector("a").focus();
}

export function startMenus() {
  document.addEventListener("submit", closeChosen);
  document.addEventListener("click", closeOthers);
  document.addEventListener("keydown", closeByKey);
  document.body.addEventListener("signed-out", showWayBack);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
    if (event.target.closest("[data-back]")) history.back();
  });
}
