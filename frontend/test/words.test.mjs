import assert from "node:assert/strict";
import { test } from "node:test";
import { spell } from "../js/clocks.js";
import { nameOf } from "../js/keys.js";
import { rank } from "../js/picker.js";

test("durations read as the server writes them", () => {
  assert.deepEqual([0, 45, 200, 3720, -3, 183_600].map(spell), ["0秒", "45秒", "3分20秒", "1小时02分", "0秒", "2天3小时"]);
});

test("a key is named with its helpers", () => {
  const name = (key, more = {}) => nameOf({ key, code: "", ...more });
  assert.equal(name("F9"), "F9");
  assert.equal(name("N"), "n");
  assert.equal(name("Enter", { ctrlKey: true }), "ctrl+Enter");
  // Alt and a digit write a letter on some keyboards: the place of the key counts.
  assert.equal(name("¡", { altKey: true, code: "Digit1" }), "alt+1");
});

test("initials beat a label that merely contains the words", () => {
  const choice = { group: "咨询", label: "预防接种", initials: "yfjz" };
  assert.ok(rank(choice, "yf") > rank(choice, "接种"));
  assert.ok(rank(choice, "接种") > 0);
  assert.equal(rank(choice, "投诉"), 0);
});
