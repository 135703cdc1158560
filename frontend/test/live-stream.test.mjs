import assert from "node:assert/strict";
import { test } from "node:test";
import { reader } from "../js/live-stream.js";

const heard = (...pieces) => {
  const events = [];
  const feed = reader((event) => events.push(event));
  pieces.forEach(feed);
  return events;
};

test("an event has a name and data", () => {
  assert.deepEqual(heard('event: call\ndata: {"state": "talking"}\n\n'), [
    { name: "call", data: { state: "talking" } },
  ]);
});

test("an event may arrive in pieces, two may arrive at once", () => {
  const names = heard("event: a\nda", "ta: 1\n", "\nevent: b\ndata: 2\n\nevent: c").map((e) => e.name);
  assert.deepEqual(names, ["a", "b"]);
});

test("comments and blocks without data are no events", () => {
  assert.deepEqual(heard(": beat\n\n", "retry: 1000\n\n"), []);
});

test("lines may end as they do on Windows", () => {
  assert.equal(heard("event: call\r\ndata: {}\r\n\r\n").length, 1);
});
