import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { desiredEntries, type DesiredParts, NOTHING_DESIRED } from "../../../src/bridge/desired-entries.ts";
import { type Difference, differenceOf } from "../../../src/bridge/entry-difference.ts";
import { PutMemory } from "../../../src/bridge/put-memory.ts";
import type { StandingEntry } from "../../../src/naming/announcer.ts";
import { Path } from "../../../src/naming/path.ts";
import { HOME, instanceAt } from "../../fakes/mirror-scene.ts";

const GROUP = "users-mirror";
const never = (): boolean => false;

const entryAt = (n: number, more: Partial<StandingEntry> = {}): StandingEntry => ({
  key: `key-${n}`,
  instance: instanceAt(n, { origin: HOME }),
  group: GROUP,
  mine: true,
  ...more,
});

const native = (n: number): StandingEntry => ({
  key: `native-${n}`,
  instance: instanceAt(n, { id: `n-${n}` }),
  mine: false,
});

function desired(ns: readonly number[], standing: readonly StandingEntry[], more: Partial<DesiredParts> = {}) {
  return desiredEntries({
    group: GROUP,
    origin: HOME,
    rules: { publish: { take: 1, of: 1 }, payload: { kind: "none" }, force: false },
    name: Path.of("users"),
    target: Path.of("users"),
    instances: ns.map((n) => instanceAt(n)),
    standing,
    waitOf: () => 0,
    wasDeleted: never,
    reach: () => ({ tag: "reached" }),
    ...more,
  });
}

function difference(ns: readonly number[], standing: readonly StandingEntry[], isConfirmed = true): Difference {
  const own = standing.filter(({ group }) => group === GROUP);
  const wanted = isConfirmed ? desired(ns, standing) : NOTHING_DESIRED;
  return differenceOf({ own, desired: wanted, isConfirmed, wasDeleted: never, memory: new PutMemory() });
}

const whyNot = (ns: readonly number[], standing: readonly StandingEntry[]): readonly (readonly string[])[] =>
  desired(ns, standing).leftOut.map(({ id, why }) => [id, why]);

describe("what should stand", () => {
  it("is not what stands there natively at the same address", () => {
    assert.deepEqual(whyNot([1, 2], [native(2)]), [["i-2", "dual"]]);
  });

  it("is not what another group was first with", () => {
    assert.deepEqual(whyNot([1], [entryAt(1, { group: "zzz", mine: false })]), [["i-1", "conflict"]]);
  });

  it("stays with the lesser of two groups that both stand", () => {
    const theirs = (group: string): StandingEntry => entryAt(1, { key: "theirs", group, mine: false });
    assert.deepEqual(whyNot([1], [entryAt(1), theirs("zzz")]), []);
    assert.deepEqual(whyNot([1], [entryAt(1), theirs("aaa")]), [["i-1", "conflict"]]);
  });

  it("counts what is absent as published, so that no live one goes in its place", () => {
    const standing = [1, 2, 3, 4].map((n) => entryAt(n));
    const rules = { publish: { take: 1, of: 2 }, payload: { kind: "none" }, force: false } as const;
    const all = desired([1, 2, 3, 4], standing, { rules });
    const some = desired(
      [...all.entries.keys()].slice(0, 1).map((id) => Number(id.slice(2))),
      standing,
      { rules },
    );
    assert.deepEqual([...some.entries.keys()], [...all.entries.keys()].slice(0, 1));
  });

  it("is where the address policy says, and not what it has no place for", () => {
    const address: DesiredParts["address"] = (instances) => ({
      instances: instances.slice(0, 1).map((each) => ({ ...each, host: "192.0.2.1", port: 30_080 })),
      unplaced: instances.slice(1).map(({ id }) => ({ id, cause: "no node port" })),
    });
    const { entries, leftOut } = desired([1, 2], [], { address });
    assert.deepEqual(
      [...entries.values()].map(({ host, port }) => [host, port]),
      [["192.0.2.1", 30_080]],
    );
    assert.deepEqual(leftOut, [{ id: "i-2", why: "unplaced", cause: "no node port" }]);
  });
});

describe("what differs", () => {
  it("is put where nothing of it stands under this member's lease", () => {
    const { puts, removals } = difference([1, 2], [entryAt(1, { mine: false })]);
    assert.deepEqual([puts.map(({ id }) => id), removals], [["i-1", "i-2"], []]);
  });

  it("is taken over while the source cannot be asked, and nothing goes", () => {
    const { puts, removals, slow } = difference([], [entryAt(1), entryAt(2, { mine: false })], false);
    assert.deepEqual([puts.map(({ id }) => id), removals, slow], [["i-2"], [], []]);
  });

  it("goes slowly when it is only absent", () => {
    const { removals, slow } = difference([1], [entryAt(1), entryAt(2)]);
    assert.deepEqual([removals, slow.map(({ key, why }) => [key, why])], [[], [["key-2", "absent"]]]);
  });

  it("never touches what the own group has not written", () => {
    const entry = fc.record({
      n: fc.nat(5),
      group: fc.constantFrom(GROUP, "another", undefined),
      mine: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(5)), fc.array(entry), fc.boolean(), (ns, entries, isConfirmed) => {
        const standing = entries.map(({ n, group, mine }, at): StandingEntry => {
          const base = { key: `key-${at}`, instance: instanceAt(n), mine: mine && group === GROUP };
          return group === undefined ? base : { ...base, group };
        });
        const { removals, slow } = difference(ns, standing, isConfirmed);
        const foreign = new Set(standing.filter(({ group }) => group !== GROUP).map(({ key }) => key));
        for (const { key } of [...removals, ...slow]) assert.ok(!foreign.has(key));
        if (!isConfirmed) assert.deepEqual(slow, []);
      }),
    );
  });
});

describe("what was put", () => {
  it("differs when something else is to be put, or when it reads otherwise than at first", () => {
    const memory = new PutMemory();
    const instance = instanceAt(1, { weight: 3 });
    assert.ok(memory.differs(instance, entryAt(1)), "nobody put it");
    memory.put(instance);
    assert.ok(!memory.differs(instance, entryAt(1)), "the registry knows no weights");
    assert.ok(memory.differs(instanceAt(1), entryAt(1)));
    assert.ok(memory.differs(instance, entryAt(1, { instance: instanceAt(1, { port: 1 }) })));
  });
});
