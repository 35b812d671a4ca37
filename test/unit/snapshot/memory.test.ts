import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { AddressSet } from "../../../src/base/address.ts";
import { Var } from "../../../src/base/var.ts";
import { alt, leaf, type NameTree, neg, showTree, union } from "../../../src/naming/name-tree.ts";
import type { Name } from "../../../src/naming/namer.ts";
import { Path } from "../../../src/naming/path.ts";
import { type KnownName, Memory, recallName } from "../../../src/snapshot/memory.ts";

const NOW = 1_000;
const users = Path.read("/users");

const bound = (id: string, residual = "/"): NameTree<Name> =>
  leaf({ kind: "bound", id: Path.read(id), addresses: Var.of(AddressSet.empty), residual: Path.read(residual) });

const show = (tree: NameTree<KnownName>): string =>
  showTree(tree, (name) => (name.kind === "path" ? name.path.show : `${name.id.show}@${name.residual.show}`));

/** What another process makes of the lines. */
function reread(memory: Memory, writtenAt = 500): Memory {
  const read = new Memory();
  const lines = [...memory.lines()];
  read.load(
    lines.map((line) => line.slice(0, -1)),
    writtenAt,
  );
  return read;
}

test("a tree of names comes back as it was, with weights and residuals", () => {
  const toPath = leaf<Name>({ kind: "path", path: Path.read("/other/name") });
  const tree = alt<Name>([
    union([
      { weight: 0.125, tree: bound("/a", "/rest") },
      { weight: 3, tree: toPath },
    ]),
    neg,
  ]);
  const memory = new Memory();
  memory.of("/n").names.remember("/users", tree);
  const back = recallName(users, reread(memory).of("/n"), NOW);
  assert.equal(back && show(back.value), "0.125*/a@/rest & 3.00*/other/name | ~");
  assert.equal(back?.at, 500);
  assert.equal(recallName(users, reread(memory).of("/other"), NOW), undefined);
});

test("an id is a name of its own, also when only longer names led to it", () => {
  const memory = new Memory();
  memory.of("/n").addresses.remember("/users", AddressSet.of([{ host: "::1", port: 80, weight: 1 }]));
  const back = recallName(users, memory.of("/n"), NOW);
  assert.equal(back && show(back.value), "/users@/");
});

const text = fc.string({ unit: "binary", maxLength: 8 });
const address = fc.record(
  {
    host: fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain()),
    port: fc.integer({ min: 1, max: 65_535 }),
    tlsPort: fc.integer({ min: 1, max: 65_535 }),
    weight: fc.double({ min: 0, max: 100, noNaN: true }),
    meta: fc.dictionary(text, text, { noNullPrototype: true }),
  },
  { requiredKeys: ["host", "port", "weight"], noNullPrototype: true },
);

test("an address set comes back as it was, whatever its metadata", () => {
  fc.assert(
    fc.property(
      fc.array(address, { maxLength: 5 }),
      fc.dictionary(text, text, { noNullPrototype: true }),
      (all, meta) => {
        const set = AddressSet.of(all, meta);
        const memory = new Memory();
        memory.of("/n").addresses.remember("/users", set);
        const back = reread(memory).of("/n").addresses.recall("/users", NOW);
        assert.ok(back?.value.equals(set));
      },
    ),
  );
});

test("lines that nobody can read are passed over", () => {
  const memory = new Memory();
  memory.load(["", "names\t/n", "stars\t/n\t/a\t1\t{}", "names\t/n\t/a\t1\t[]"], 1);
  assert.equal(memory.size, 1);
  assert.equal(recallName(Path.read("/b"), memory.of("/n"), NOW), undefined);
});

test("every change is counted, and what is too old goes", () => {
  const memory = new Memory();
  memory.of("/n").addresses.remember("/users", AddressSet.empty);
  assert.equal(memory.changes, 1);
  memory.of("/n").addresses.date("/users", 100);
  memory.prune(101);
  assert.equal(memory.changes, 3);
  assert.deepEqual([...memory.lines()], []);
});

test("what changed since all was written down is told once, in lines that bring a copy up to date", () => {
  const memory = new Memory();
  const { addresses } = memory.of("/n");
  addresses.remember("/users", AddressSet.empty);
  assert.equal(memory.changedLines(), undefined, "nothing was written down yet");
  const copy = new Memory();
  const written = (lines: readonly string[]): void =>
    copy.load(
      lines.map((line) => line.slice(0, -1)),
      NOW,
    );
  written([...memory.wholly()]);
  assert.deepEqual(memory.changedLines(), []);
  addresses.forget("/users");
  addresses.remember("/web", AddressSet.empty);
  addresses.date("/web", 7);
  memory.dtabsOf("http").remember("place", "/a => /b");
  const lines = memory.changedLines() ?? [];
  assert.deepEqual(
    lines.map((line) => line.split("\t", 3).join(" ").trim()),
    ["addresses /n /users", "addresses /n /web", "dtabs http place"],
  );
  written(lines);
  assert.deepEqual(
    [...copy.lines()].sort(),
    [...memory.lines()].sort().map((line) => line.replace("\t\t", `\t${NOW}\t`)),
  );
  for (let n = 0; n < 6_000; n++) addresses.remember(`/${n}`, AddressSet.empty);
  assert.equal(memory.changedLines(), undefined, "they are too many");
});
