/** Tests of a worker's naming: what it keeps, what it forgets, and what it says of a loss that is held. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { AddressSet } from "../../../src/base/address.ts";
import { failed, ok, pending, type State } from "../../../src/base/var.ts";
import type { Delegation } from "../../../src/naming/delegation.ts";
import { Dtab } from "../../../src/naming/dtab.ts";
import { leaves, type NameTree, neg } from "../../../src/naming/name-tree.ts";
import type { Bound } from "../../../src/naming/namer.ts";
import { Path } from "../../../src/naming/path.ts";
import { bound, Dial, DialNamer, interpreter, showState } from "../../fakes/naming-fixture.ts";
import { ThreadPair } from "../../fakes/thread-pair.ts";

const hosts = (...names: string[]): AddressSet => AddressSet.of(names.map((host) => ({ host, port: 80, weight: 1 })));

function open() {
  const namer = new DialNamer();
  const names = (): ReturnType<typeof interpreter> =>
    interpreter("/svc => /#/n", [{ prefix: Path.read("/n"), namer, whenUnreachable: "fail" }]);
  const pair = new ThreadPair();
  const states: State<NameTree<Bound>>[] = [];
  const observe = (name: string): Disposable =>
    pair.remote
      .interpreterFor("http")
      .bind(Dtab.empty, Path.read(`/svc/${name}`))
      .observe((state) => {
        if (state.tag !== "pending") states.push(state);
      });
  return { namer, names, pair, states, observe };
}

it("a name keeps its state while there is no control thread, and takes what the next one says", async () => {
  const { namer, names, pair, states, observe } = open();
  pair.start(names());
  namer.dial("a").set(ok(bound("/one")));
  using _ = observe("a");
  await pair.settle();
  pair.stop();
  namer.dial("a").set(ok(bound("/two")));
  await pair.settle();
  assert.deepEqual(states.map(showState), ["/#/n/one@/"]);
  pair.start(names());
  await pair.settle();
  assert.deepEqual(states.map(showState), ["/#/n/one@/", "/#/n/two@/"]);
  assert.deepEqual(
    pair.batches.map(({ updates }) => updates[0]?.version),
    [1, 2],
  );
});

it("a name that the next control thread cannot ask about is stale, not lost", async () => {
  const { namer, names, pair, states, observe } = open();
  pair.start(names());
  namer.dial("a").set(ok(bound("/one")));
  using _ = observe("a");
  await pair.settle();
  pair.stop();
  namer.dial("a").set(failed(new Error("nobody answers")));
  pair.start(names());
  await pair.settle();
  const last = states.at(-1);
  assert.equal(showState(last ?? pending), "/#/n/one@/");
  assert.equal(last?.tag === "ok" ? last.stale?.cause.message : undefined, "nobody answers");
});

it("a name that is asked for while there is no control thread waits for one", async () => {
  const { namer, names, pair, states, observe } = open();
  using _ = observe("a");
  await pair.settle();
  assert.deepEqual(states, []);
  namer.dial("a").set(ok(neg));
  pair.start(names());
  await pair.settle();
  assert.deepEqual(states.map(showState), ["~"]);
});

it("who leaves while there is no control thread is not asked for again", async () => {
  const { namer, names, pair, observe } = open();
  pair.start(names());
  const subscription = observe("a");
  await pair.settle();
  pair.stop();
  subscription[Symbol.dispose]();
  pair.start(names());
  await pair.settle();
  assert.deepEqual([pair.remote.size, pair.binder?.size, namer.dial("a").observed], [0, 0, false]);
});

it("the addresses of an id are the same Var in every tree that names it, and one follow", async () => {
  const { namer, names, pair, states, observe } = open();
  const addresses = new Dial<AddressSet>();
  addresses.set(ok(hosts("10.0.0.1")));
  pair.start(names());
  namer.dial("a").set(ok(bound("/one", "/", addresses.var)));
  namer.dial("b").set(ok(bound("/one", "/rest", addresses.var)));
  using stack = new DisposableStack();
  stack.use(observe("a"));
  stack.use(observe("b"));
  await pair.settle();
  const found = states.flatMap((state) => (state.tag === "ok" ? leaves(state.value) : []));
  assert.equal(found.length, 2);
  assert.equal(found[0]?.addresses, found[1]?.addresses);
  const seen: string[] = [];
  const note = (state: State<AddressSet>): void =>
    void seen.push(state.tag === "ok" ? state.value.addresses.map(({ host }) => host).join() : state.tag);
  for (const { addresses: same } of found) stack.use(same.observe(note));
  await pair.settle();
  addresses.set(ok(hosts("10.0.0.1", "10.0.0.2")));
  await pair.settle();
  assert.deepEqual(seen, ["pending", "pending", "10.0.0.1", "10.0.0.1", "10.0.0.1,10.0.0.2", "10.0.0.1,10.0.0.2"]);
  assert.equal(pair.requests.filter(({ type }) => type === "follow").length, 1);
});

it("whether an unreachable name's loss is held is what the worker was told; the control thread hears of it anyway", async () => {
  const { namer, names, pair, states, observe } = open();
  const addresses = new Dial<AddressSet>();
  addresses.set(ok(hosts("10.0.0.1")));
  pair.start(names());
  namer.dial("a").set(ok(bound("/one", "/", addresses.var)));
  using stack = new DisposableStack();
  stack.use(observe("a"));
  await pair.settle();
  const [one] = states.flatMap((state) => (state.tag === "ok" ? leaves(state.value) : []));
  assert.ok(one);
  stack.use(one.addresses.observe(() => undefined));
  await pair.settle();
  assert.equal(pair.remote.unreachable(one.id), false);
  addresses.set(ok(hosts("10.0.0.1"), { held: { since: 1, until: 2, lost: 1 } }));
  await pair.settle();
  assert.equal(pair.remote.unreachable(one.id), true);
  await pair.settle();
  assert.deepEqual(pair.unreachable, ["/#/n/one", "/#/n/one"]);
  pair.stop();
  assert.equal(pair.remote.unreachable(one.id), false);
});

it("a worker that missed a change of addresses asks for the whole again, and keeps what it has meanwhile", async () => {
  const { namer, names, pair, states, observe } = open();
  const addresses = new Dial<AddressSet>();
  const all = Array.from({ length: 8 }, (_, n) => `10.0.0.${n}`);
  addresses.set(ok(hosts(...all)));
  pair.start(names());
  namer.dial("a").set(ok(bound("/one", "/", addresses.var)));
  using stack = new DisposableStack();
  stack.use(observe("a"));
  await pair.settle();
  const [one] = states.flatMap((state) => (state.tag === "ok" ? leaves(state.value) : []));
  assert.ok(one);
  const seen: number[] = [];
  stack.use(one.addresses.observe((state) => void (state.tag === "ok" && seen.push(state.value.addresses.length))));
  await pair.settle();
  const id = pair.requests.flatMap((request) => (request.type === "follow" ? request.id : []))[0] ?? 0;
  const changes = { put: [], removed: ["10.0.0.0:80"], meta: {} };
  pair.remote.hear({
    batch: 99,
    updates: [{ type: "addresses", id, version: 7, state: { tag: "ok", value: changes } }],
  });
  await pair.settle();
  assert.deepEqual(seen, [8]);
  assert.equal(pair.requests.filter(({ type }) => type === "follow").length, 2);
  addresses.set(ok(hosts(...all.slice(1))));
  await pair.settle();
  assert.deepEqual(seen, [8, 7]);
});

it("an explanation comes from the control thread", async () => {
  const { namer, names, pair } = open();
  pair.start(names());
  namer.dial("a").set(ok(bound("/one")));
  let state: State<Delegation> = pending;
  using _ = pair.remote
    .interpreterFor("http")
    .delegate(Dtab.empty, Path.read("/svc/a"))
    .observe((next) => (state = next));
  await pair.settle();
  const told = state as State<Delegation>;
  assert.equal(told.tag === "ok" ? told.value.root.kind : told.tag, "delegate");
});
