import assert from "node:assert/strict";
import { it } from "node:test";
import { FakeClock } from "../../../src/testing/fake-clock.ts";
import { ViewAsker } from "../../../src/threads/views.ts";

it("an answer comes, comes too late, or never comes", async () => {
  const clock = new FakeClock();
  const asked: [number, unknown][] = [];
  const views = new ViewAsker(clock, (seq, query) => void asked.push([seq, query]));
  const answered = views.ask("a", 1_000);
  const late = views.ask("b", 1_000);
  assert.deepEqual(asked, [
    [1, "a"],
    [2, "b"],
  ]);
  views.hear(1, { shown: true });
  assert.deepEqual(await answered, { shown: true });
  clock.advance(1_000);
  assert.equal(await late, undefined);
  views.hear(2, { shown: true });
  const never = views.ask("c", 1_000);
  views[Symbol.dispose]();
  assert.equal(await never, undefined);
  assert.equal(clock.waiting, 0);
});
