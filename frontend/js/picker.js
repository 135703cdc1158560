// Choosing a category by keyboard: words of the label or the first letters of its pinyin.

const same = (a, b) => a.category === b.category && a.subcategory === b.subcategory;

export function rank(choice, typed) {
  const label = choice.group + choice.label;
  if (!typed) return 1;
  if (choice.initials.startsWith(typed)) return 4;
  if (choice.label.startsWith(typed)) return 3;
  if (label.includes(typed)) return 2;
  return choice.initials.includes(typed) ? 1 : 0;
}

export class Picker {
  constructor(place, onPick) {
    this.choices = JSON.parse(place.dataset.choices);
    this.input = place.querySelector("input[role=combobox]");
    this.list = place.querySelector("[role=listbox]");
    this.category = place.querySelector("input[name=category]");
    this.subcategory = place.querySelector("input[name=subcategory]");
    this.onPick = onPick;
    this.shown = [];
    this.at = 0;
    this.input.addEventListener("focus", () => this.input.select());
    this.input.addEventListener("click", () => this.open(""));
    this.input.addEventListener("input", () => this.open(this.input.value));
    this.input.addEventListener("blur", () => this.close());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("pointerdown", (event) => this.click(event));
    this.say();
  }

  get chosen() {
    const now = { category: this.category.value, subcategory: this.subcategory.value };
    return this.choices.find((choice) => same(choice, now));
  }

  say() {
    const { chosen } = this;
    this.input.value = chosen ? [chosen.group, chosen.label].filter(Boolean).join(" › ") : "";
    this.input.classList.toggle("is-picked", Boolean(chosen));
  }

  open(typed) {
    const wanted = typed.trim().toLowerCase();
    const ranked = this.choices.map((choice) => [rank(choice, wanted), choice]).filter(([r]) => r);
    if (wanted) ranked.sort(([a], [b]) => b - a);
    this.shown = ranked.map(([, choice]) => choice);
    this.list.replaceChildren(...this.shown.map((choice, index) => this.row(choice, index)));
    this.list.hidden = this.shown.length === 0;
    this.input.setAttribute("aria-expanded", String(!this.list.hidden));
    this.mark(0);
  }

  row(choice, index) {
    const line = document.createElement("li");
    line.id = `choice-${index}`;
    line.setAttribute("role", "option");
    for (const [name, text] of [["group", choice.group], ["label", choice.label], ["initials", choice.initials]]) {
      line.append(Object.assign(document.createElement("span"), { className: name, textContent: text }));
    }
    return line;
  }

  mark(index) {
    const lines = [...this.list.children];
    this.at = Math.max(0, Math.min(index, lines.length - 1));
    lines.forEach((line, i) => line.setAttribute("aria-selected", String(i === this.at)));
    lines[this.at]?.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", lines.length ? `choice-${this.at}` : "");
  }

  key(event) {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (this.list.hidden) this.open("");
      else this.mark(this.at + step);
    } else if (event.key === "Enter" && !event.ctrlKey && !this.list.hidden) {
      event.preventDefault();
      this.pick(this.shown[this.at]);
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.stopPropagation();
      this.close();
    }
  }

  click(event) {
    event.preventDefault();
    const line = event.target.closest("li");
    if (line) this.pick(this.shown[[...this.list.children].indexOf(line)]);
  }

  pick(choice) {
    if (!choice) return;
    this.set(choice);
    this.onPick(choice);
  }

  set(choice) {
    this.category.value = choice.category;
    this.subcategory.value = choice.subcategory;
    this.close();
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.say();
  }
}
