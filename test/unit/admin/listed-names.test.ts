import assert from "node:assert/strict";
import { test } from "node:test";
import { listedNames } from "../../../src/admin/listed-names.ts";
import { failed, ok, type State, Var } from "../../../src/base/var.ts";
import { Path } from "../../../src/naming/path.ts";
import { FakeClock } from "../../../src/testing/index.ts";

type Names = readonly Path[];

const paths = (...names: string[]): Names => names.map((name) => Path.read(name));
const naming = (prefix: string, state?: State<Names>) => ({
  prefix: Path.read(prefix),
  namer:
    state === undefined
      ? {}
      : { names: () => Var.source<Names>((set) => (set(state), { [Symbol.dispose]: () => undefined })) },
});

test("names of all that can list are said with their prefix, sorted, each once", async () => {
  const namers = [
    naming("/b", ok(paths("/two", "/one"))),
    naming("/a", ok(paths("/x"))),
    naming("/c"),
    naming("/a", ok(paths("/x"))),
  ];
  assert.deepEqual(await listedNames(namers, new FakeClock()), ["/#/a/x", "/#/b/one", "/#/b/two"]);
});

test("who fails, or does not answer within a second, is left out", async () => {
  const clock = new FakeClock();
  const namers = [
    naming("/a", failed(new Error("away"))),
    naming("/b", { tag: "pending" }),
    naming("/c", ok(paths("/x"))),
  ];
  const listed = listedNames(namers, clock);
  clock.advance(1_000);
  assert.deepEqual([await listed, clock.waiting], [["/#/c/x"], 0]);
  assert.deepEqual(await listedNames([], clock), []);
});
