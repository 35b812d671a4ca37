/** Tests of the binder: one batch at a time, the newest of each name, addresses before the trees that are judged by them. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { AddressSet } from "../../../src/base/address.ts";
import { failed, ok } from "../../../src/base/var.ts";
import { neg } from "../../../src/naming/name-tree.ts";
import { Path } from "../../../src/naming/path.ts";
import { Binder } from "../../../src/threads/binder.ts";
import type { BindingBatch } from "../../../src/threads/protocol.ts";
import { bound, Dial, DialNamer, interpreter } from "../../fakes/naming-fixture.ts";

function open(): { namer: DialNamer; binder: Binder; batches: BindingBatch[]; unreachable: string[] } {
  const namer = new DialNamer();
  const names = interpreter("/svc => /#/n", [{ prefix: Path.read("/n"), namer, whenUnreachable: "fail" }]);
  const batches: BindingBatch[] = [];
  const unreachable: string[] = [];
  const binder = new Binder({
    interpreterFor: () => names,
    unreachable: (id) => void unreachable.push(id.show),
    send: (batch) => void batches.push(batch),
  });
  return { namer, binder, batches, unreachable };
}

const bind = (id: number, name: string, version = 0) =>
  ({ type: "bind", id, router: "http", dtab: "", path: `/svc/${name}`, version }) as const;
const hosts = (...names: string[]): AddressSet => AddressSet.of(names.map((host) => ({ host, port: 80, weight: 1 })));
const turn = (): Promise<void> => Promise.resolve();

it("what is pending is not told; what changes in one turn is told in one batch", async () => {
  const { namer, binder, batches } = open();
  binder.hear(bind(1, "a"));
  binder.hear(bind(2, "b"));
  await turn();
  assert.equal(batches.length, 0);
  namer.dial("a").set(ok(neg));
  namer.dial("b").set(ok(neg));
  await turn();
  assert.deepEqual(
    batches.map(({ batch, updates }) => [batch, updates.map(({ id, version }) => [id, version])]),
    [
      [
        1,
        [
          [1, 1],
          [2, 1],
        ],
      ],
    ],
  );
});

it("a worker that has not acknowledged gets nothing more, and then only the newest", async () => {
  const { namer, binder, batches } = open();
  binder.hear(bind(1, "a"));
  namer.dial("a").set(ok(neg));
  await turn();
  const addresses = new Dial<AddressSet>();
  namer.dial("a").set(ok(bound("/one", "/", addresses.var)));
  addresses.set(ok(hosts("10.0.0.1")));
  namer.dial("a").set(ok(bound("/two", "/", addresses.var)));
  await turn();
  assert.equal(batches.length, 1);
  binder.hear({ type: "ack", batch: 99 });
  assert.equal(batches.length, 1);
  binder.hear({ type: "ack", batch: 1 });
  assert.equal(batches.length, 2);
  const [update] = batches[1]?.updates ?? [];
  assert.deepEqual(update, {
    type: "tree",
    id: 1,
    version: 2,
    state: { tag: "ok", value: ["leaf", { id: "/#/n/two", residual: "/" }] },
  });
});

it("versions go on from what the worker knows of an earlier control thread", async () => {
  const { namer, binder, batches } = open();
  binder.hear(bind(7, "a", 41));
  namer.dial("a").set(ok(neg));
  await turn();
  assert.equal(batches[0]?.updates[0]?.version, 42);
});

it("addresses are followed by bound id, known or looked up, and leave before the trees", async () => {
  const { namer, binder, batches } = open();
  const addresses = new Dial<AddressSet>();
  addresses.set(ok(hosts("10.0.0.1")));
  namer.dial("one").set(ok(bound("/one", "/", addresses.var)));
  binder.hear({ type: "follow", id: 1, router: "http", path: "/#/n/one", version: 3 });
  binder.hear(bind(2, "one"));
  binder.hear({ type: "follow", id: 3, router: "http", path: "/#/n/gone", version: 0 });
  namer.dial("gone").set(ok(neg));
  await turn();
  const told = batches[0]?.updates.map((update) => [update.type, update.id, update.version]);
  assert.deepEqual(told, [
    ["addresses", 1, 4],
    ["addresses", 3, 1],
    ["tree", 2, 1],
  ]);
  const gone = batches[0]?.updates[1]?.state;
  assert.deepEqual(gone, { tag: "failed", cause: "/#/n/gone is not bound any more" });
});

it("of addresses that the worker has, only what has changed is sent; who asks again gets the whole", async () => {
  const { namer, binder, batches } = open();
  const addresses = new Dial<AddressSet>();
  const all = Array.from({ length: 10 }, (_, n) => `10.0.0.${n}`);
  addresses.set(ok(hosts(...all)));
  namer.dial("one").set(ok(bound("/one", "/", addresses.var)));
  const follow = { type: "follow", id: 1, router: "http", path: "/#/n/one", version: 0 } as const;
  const newest = async (): Promise<unknown> => {
    await turn();
    const { batch, updates } = batches.at(-1) ?? { batch: 0, updates: [] };
    binder.hear({ type: "ack", batch });
    const state = updates[0]?.type === "addresses" ? updates[0].state : undefined;
    return state?.tag === "ok" ? state.value : state;
  };
  binder.hear(follow);
  assert.deepEqual(Object.keys((await newest()) as object), ["addresses", "meta"]);
  addresses.set(ok(hosts(...all.slice(1), "10.0.0.99")));
  assert.deepEqual(await newest(), { put: [["10.0.0.99", 80, 1]], removed: ["10.0.0.0:80"], meta: {} });
  addresses.set(failed(new Error("away")));
  await newest();
  addresses.set(ok(hosts(...all.slice(1))));
  assert.deepEqual(await newest(), { put: [], removed: ["10.0.0.99:80"], meta: {} });
  addresses.set(ok(hosts("10.1.0.1")));
  assert.deepEqual(await newest(), { addresses: [["10.1.0.1", 80, 1]], meta: {} });
  binder.hear({ ...follow, version: 5 });
  assert.deepEqual(await newest(), { addresses: [["10.1.0.1", 80, 1]], meta: {} });
  assert.equal(batches.at(-1)?.updates[0]?.version, 6);
});

it("an explanation is bound like a name", async () => {
  const { namer, binder, batches } = open();
  binder.hear({ ...bind(1, "a"), type: "delegate" });
  namer.dial("a").set(ok(neg));
  await turn();
  assert.equal(batches[0]?.updates[0]?.type, "delegation");
});

it("a flood is told in batches of 200", async () => {
  const { namer, binder, batches } = open();
  for (let id = 1; id <= 450; id++) {
    namer.dial(`name${id}`).set(ok(neg));
    binder.hear(bind(id, `name${id}`));
  }
  await turn();
  for (let batch = 1; batch <= 3; batch++) binder.hear({ type: "ack", batch });
  assert.deepEqual(
    batches.map(({ updates }) => updates.length),
    [200, 200, 50],
  );
});

it("a worker that starts anew is told everything, whatever it has not acknowledged", async () => {
  const { namer, binder, batches } = open();
  binder.hear(bind(1, "a"));
  binder.hear(bind(2, "b"));
  namer.dial("a").set(ok(neg));
  await turn();
  binder.hear({ type: "reset" });
  assert.equal(namer.dial("b").observed, false);
  binder.hear(bind(1, "a", 1));
  await turn();
  assert.deepEqual(
    batches.map(({ batch, updates }) => [batch, updates[0]?.version]),
    [
      [1, 1],
      [2, 2],
    ],
  );
});

it("what is released is not observed any more; disposal releases all", async () => {
  const { namer, binder, unreachable } = open();
  binder.hear(bind(1, "a"));
  binder.hear(bind(2, "b"));
  assert.deepEqual([namer.dial("a").observed, namer.dial("b").observed, binder.size], [true, true, 2]);
  binder.hear({ type: "release", id: 1 });
  assert.deepEqual([namer.dial("a").observed, namer.dial("b").observed, binder.size], [false, true, 1]);
  binder.hear({ type: "unreachable", path: "/#/n/one" });
  assert.deepEqual(unreachable, ["/#/n/one"]);
  binder[Symbol.dispose]();
  assert.deepEqual([namer.dial("b").observed, binder.size], [false, 0]);
});
