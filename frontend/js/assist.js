// Draws what the server says the note suggests: categories on keys 1-5, danger, departments.
const TITLES = { high: "高危：可能有生命危险", watch: "留意：有危机迹象" };
const GRAVITY = { none: 0, watch: 1, high: 2 };

const make = (tag, className, text) =>
  Object.assign(document.createElement(tag), { className, textContent: text });

// The group only where the label alone says little: 其他, 建议, 收费.
const nameOf = ({ group, label }) => (group && label.length < 3 ? `${group} › ${label}` : label);

function suggestion(one, index, isChosen, pick) {
  const button = make("button", "suggestion", "");
  button.type = "button";
  button.dataset.key = `${index + 1}|alt+${index + 1}`;
  button.dataset.keyName = `选用建议：${one.label}`;
  button.setAttribute("aria-pressed", String(isChosen));
  button.append(make("kbd", "", String(index + 1)), make("span", "", nameOf(one)));
  button.title = [one.group, one.label].filter(Boolean).join(" › ");
  if (one.words.length) button.append(make("span", "words", one.words.map((word) => `“${word}”`).join("")));
  button.addEventListener("click", () => pick(one));
  return button;
}

export function drawSuggestions(place, found, chosen, pick) {
  const isChosen = (one) =>
    chosen && one.category === chosen.category && one.subcategory === chosen.subcategory;
  const buttons = found.map((one, index) => suggestion(one, index, isChosen(one), pick));
  // The same suggestions in the same order keep their buttons: nothing moves under a pointer.
  const look = JSON.stringify([found, chosen?.category, chosen?.subcategory]);
  if (place.dataset.look === look) return;
  place.dataset.look = look;
  place.replaceChildren(...(buttons.length ? buttons : [make("span", "quiet", "写几个字就有分类建议")]));
}

// Once raised in this call the banner stays; it may only become graver.
export function drawDanger(banner, { level, reasons }) {
  const before = banner.hidden ? "none" : banner.dataset.level;
  if (GRAVITY[level] < GRAVITY[before] || level === "none") return;
  banner.hidden = false;
  banner.dataset.level = level;
  banner.querySelector("[data-danger-title]").textContent = TITLES[level];
  banner.querySelector("[data-danger-reasons]").replaceChildren(...reasons.map((words) => make("li", "", words)));
  document.querySelectorAll('[data-script="crisis"]').forEach((script) => (script.hidden = false));
}

export function drawDepartments(panel, found) {
  panel.hidden = found.length === 0;
  panel.querySelector(".panel-body").replaceChildren(
    ...found.map(({ name, words }) => {
      const line = make("div", "department", "");
      line.append(make("b", "", name), make("span", "quiet small", words.length ? `　因为“${words.join("”“")}”` : ""));
      return line;
    }),
  );
}

export function showScript(category) {
  document.querySelectorAll("[data-script]").forEach((script) => {
    const isDanger = script.dataset.script === "crisis" && !document.getElementById("danger").hidden;
    script.hidden = !(script.dataset.script === "" || script.dataset.script === category || isDanger);
  });
}
