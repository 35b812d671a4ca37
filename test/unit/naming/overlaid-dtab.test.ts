import assert from "node:assert/strict";
import { test } from "node:test";
import { ok, type State, Var } from "../../../src/base/var.ts";
import { Dtab } from "../../../src/naming/dtab.ts";
import { OverlaidDtab } from "../../../src/naming/overlaid-dtab.ts";

function scene() {
  let set: ((state: State<Dtab>) => void) | undefined;
  let ended = 0;
  const over = Var.source<Dtab>((told) => {
    set = told;
    told(ok(Dtab.read("/b => /2")));
    return { [Symbol.dispose]: () => void ended++ };
  });
  const overlaid = new OverlaidDtab(Dtab.read("/a => /1"), over);
  return { overlaid, say: (text: string) => set?.(ok(Dtab.read(text))), ends: () => ended };
}

const shown = (state: State<Dtab>): string => (state.tag === "ok" ? state.value.show : state.tag);

test("every observer is told the whole, and what changes of it", () => {
  const { overlaid, say, ends } = scene();
  const told: string[][] = [[], []];
  const [first, second] = told.map((each) => overlaid.observe((state) => each.push(shown(state))));
  say("/c => /3");
  first?.[Symbol.dispose]();
  say("/d => /4");
  assert.deepEqual(told, [
    ["/a=>/1;/b=>/2", "/a=>/1;/c=>/3"],
    ["/a=>/1;/b=>/2", "/a=>/1;/c=>/3", "/a=>/1;/d=>/4"],
  ]);
  second?.[Symbol.dispose]();
  assert.equal(ends(), 1);
});

test("the same dtab is the same object for all", () => {
  const { overlaid } = scene();
  const seen = new Set<unknown>();
  for (let n = 0; n < 2; n++) overlaid.observe((state) => seen.add(state.tag === "ok" && state.value));
  assert.equal(seen.size, 1);
});

test("an observer that leaves when it is told ends what nobody follows any more", () => {
  const { overlaid, ends } = scene();
  const leaving: { subscription?: Disposable } = {};
  leaving.subscription = overlaid.observe(() => leaving.subscription?.[Symbol.dispose]());
  leaving.subscription[Symbol.dispose]();
  assert.equal(ends(), 1);
});
