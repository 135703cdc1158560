// Cards of a board by arrow keys: up and down within a column, left and right to the next one.
// Enter does what is next for a card, O opens it.
const cardsOf = (column) => [...column.querySelectorAll("[data-card]")];
const columnsOf = (board) => [...board.children].filter((column) => cardsOf(column).length);

function neighbour(card, key) {
  const columns = columnsOf(card.closest("[data-arrows]"));
  const column = columns.findIndex((one) => one.contains(card));
  const cards = cardsOf(columns[column]);
  const row = cards.indexOf(card);
  if (key === "ArrowUp") return cards[row - 1];
  if (key === "ArrowDown") return cards[row + 1];
  const beside = columns[column + (key === "ArrowRight" ? 1 : -1)];
  return beside && (cardsOf(beside)[row] ?? cardsOf(beside).at(-1));
}

function go(card, to) {
  if (!to) return;
  card.tabIndex = -1;
  to.tabIndex = 0;
  to.focus();
}

function first(event) {
  const isArrow = event.key.startsWith?.("Arrow") && !event.altKey && !event.ctrlKey;
  const card = isArrow && event.target === document.body && document.querySelector("[data-arrows] [data-card]");
  if (!card) return;
  event.preventDefault();
  card.focus();
}

function onKey(event) {
  const card = event.target.closest?.("[data-card]");
  if (!card || event.target !== card || event.ctrlKey || event.altKey) return first(event);
  if (event.key.startsWith("Arrow")) go(card, neighbour(card, event.key));
  else if (event.key === "Enter") card.querySelector("[data-card-acts]")?.click();
  else if (event.key === "o") card.querySelector("[data-card-opens]")?.click();
  else return;
  event.preventDefault();
}

export function startBoard() {
  document.addEventListener("keydown", onKey);
}
