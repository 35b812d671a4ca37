/** Lines of JSON between two daemons. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { JsonLines, readRequest } from "../../../src/takeover/messages.ts";

test("lines are heard whole, wherever they are cut", () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), fc.integer({ min: 1, max: 7 }), (values, step) => {
      const heard: unknown[] = [];
      const lines = new JsonLines((value) => void heard.push(value));
      const text = values.map((value) => `${JSON.stringify(value)}\n`).join("");
      for (let at = 0; at < text.length; at += step) lines.feed(text.slice(at, at + step));
      assert.deepEqual(heard, JSON.parse(JSON.stringify(values)));
    }),
  );
});

test("a line without an end is not kept without a bound", () => {
  const lines = new JsonLines(() => assert.fail("nothing is whole"));
  assert.throws(() => {
    for (;;) lines.feed("x".repeat(65_536));
  }, /too long/);
});

test("only a whole request is one", () => {
  const request = { command: ["node", "main.js"], args: ["run", "f"], cwd: "/", env: { A: "b" } };
  assert.deepEqual(readRequest(request), request);
  for (const bad of [
    undefined,
    null,
    1,
    {},
    { ...request, command: [] },
    { ...request, args: [1] },
    { ...request, env: 1 },
  ]) {
    assert.throws(() => readRequest(bad), /no request/);
  }
});
