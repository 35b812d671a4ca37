import assert from "node:assert/strict";
import { test } from "node:test";
import { readLongDtabs } from "../../../src/config/dtab-field.ts";
import { readSource } from "../../../src/config/read-source.ts";
import { Dtab } from "../../../src/naming/dtab.ts";

const long = Array.from({ length: 2_000 }, (_, at) => `/svc/name-${at} => /$/inet/127.0.0.1/${at + 1} ;`).join(
  "\n    ",
);
const sourceOf = (dtab: string) =>
  readSource("linkerd.yaml", `routers:\n- protocol: http\n  dtab: |\n    ${dtab}\n`).source;
const textOf = (dtab: string): string => dtab.replaceAll("\n    ", "\n") + "\n";

test("a long dtab is read once, with turns of the event loop between, and means what it means", async () => {
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    turns++;
    if (!isOver) setImmediate(count);
  };
  count();
  const read = await readLongDtabs(sourceOf(long));
  isOver = true;
  assert.ok(turns >= 40, `${turns} turns`);
  const dtab = read(textOf(long));
  assert.equal(read(textOf(long)), dtab);
  assert.equal(dtab.show, Dtab.read(long).show);
  assert.deepEqual(dtab.dentries.at(-1)?.at, Dtab.read(textOf(long)).dentries.at(-1)?.at);
});

test("a short one, and one that is none, are read when they are asked for", async () => {
  const read = await readLongDtabs(sourceOf("/svc => /a ;"));
  assert.equal(read("/svc => /a ;\n").show, "/svc=>/a");
  const broken = `${long}\n    /svc => => /b`;
  const failing = await readLongDtabs(sourceOf(broken));
  assert.throws(() => failing(textOf(broken)), { name: "ParseError" });
});

test("a file without routers has no dtabs to read", async () => {
  for (const text of ["", "routers: 7", "routers: [7, {dtab: [1]}]"]) {
    const read = await readLongDtabs(readSource("linkerd.yaml", text).source);
    assert.equal(read("/a => /b").size, 1);
  }
});
