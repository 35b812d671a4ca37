/** Laws of what crosses threads: nothing changes its meaning, and a worker ends up knowing what the control thread knows. */
import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { type Address, AddressSet } from "../../src/base/address.ts";
import { decodeAddresses, decodeChanges, encodeAddresses, encodeChanges } from "../../src/base/address-data.ts";
import { failed, ok, pending, type State, type Var } from "../../src/base/var.ts";
import { type Delegation, type Step } from "../../src/naming/delegation.ts";
import { Dtab } from "../../src/naming/dtab.ts";
import { alt, empty, fail, leaf, leaves, type NameTree, neg, treeEquals, union } from "../../src/naming/name-tree.ts";
import type { Bound } from "../../src/naming/namer.ts";
import { Path } from "../../src/naming/path.ts";
import { decodeState, decodeTree, encodeState, encodeTree } from "../../src/threads/codecs.ts";
import { decodeDelegation, encodeDelegation } from "../../src/threads/delegation-codec.ts";
import { bound as boundTree, Dial, DialNamer, interpreter, showState } from "../fakes/naming-fixture.ts";
import { ThreadPair } from "../fakes/thread-pair.ts";

const meta = fc.dictionary(fc.string({ maxLength: 5 }), fc.string({ maxLength: 5 }), {
  maxKeys: 3,
  noNullPrototype: true,
});
const address: fc.Arbitrary<Address> = fc
  .record({
    host: fc.constantFrom("10.0.0.1", "10.0.0.2", "::1", "backend.local"),
    port: fc.integer({ min: 1, max: 65_535 }),
    weight: fc.double({ min: 0, noNaN: true }),
    meta: fc.option(meta, { nil: undefined }),
    tlsPort: fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined }),
  })
  .map(({ meta: of, tlsPort, ...rest }) => ({
    ...rest,
    ...(tlsPort === undefined ? {} : { tlsPort }),
    // With a TLS port, no metadata and empty metadata are written alike.
    ...(of === undefined || (tlsPort !== undefined && Object.keys(of).length === 0) ? {} : { meta: of }),
  }));
const addressSet = fc.tuple(fc.array(address, { maxLength: 5 }), meta).map(([all, of]) => AddressSet.of(all, of));
const path = fc
  .array(fc.string({ minLength: 1, maxLength: 4, unit: "binary" }), { maxLength: 4 })
  .map((elems) => Path.from(elems));

const dials = new Map<string, Var<AddressSet>>();
const addressesOf = (id: string): Var<AddressSet> => {
  const known = dials.get(id) ?? new Dial<AddressSet>().var;
  dials.set(id, known);
  return known;
};
const boundName: fc.Arbitrary<Bound> = fc
  .tuple(path, path)
  .map(([id, residual]) => ({ kind: "bound", id, addresses: addressesOf(id.show), residual }));
const { tree } = fc.letrec<{ tree: NameTree<Bound> }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    boundName.map((each) => leaf(each)),
    fc.constantFrom<NameTree<Bound>>(neg, empty, fail),
    fc.array(tie("tree"), { maxLength: 3 }).map((trees) => alt(trees)),
    fc
      .array(fc.record({ weight: fc.double({ min: 0, noNaN: true }), tree: tie("tree") }), { maxLength: 3 })
      .map((branches) => union(branches)),
  ),
}));

function stateOf<T>(value: fc.Arbitrary<T>): fc.Arbitrary<State<T>> {
  const about = fc.record(
    {
      stale: fc.record(
        { since: fc.nat(), cause: fc.string().map((text) => new Error(text)) },
        { noNullPrototype: true },
      ),
      held: fc.record({ since: fc.nat(), until: fc.nat(), lost: fc.nat() }, { noNullPrototype: true }),
      revision: fc.string(),
      confirmedAt: fc.nat(),
    },
    { requiredKeys: [], noNullPrototype: true },
  );
  return fc.oneof(
    fc.constant<State<T>>(pending),
    fc.string().map((text) => failed(new Error(text))),
    fc.tuple(value, about).map(([is, rest]) => ok(is, rest)),
  );
}

/** As an observer sees it: causes are their messages. */
function shown<T>(state: State<T>, show: (value: T) => unknown): unknown {
  if (state.tag === "pending") return state;
  if (state.tag === "failed") return { tag: "failed", cause: state.cause.message };
  const { value, stale, ...rest } = state;
  return { ...rest, value: show(value), ...(stale ? { stale: [stale.since, stale.cause.message] } : {}) };
}

it("a set of addresses arrives as it left, whatever is known of it", () => {
  fc.assert(
    fc.property(stateOf(addressSet), (state) => {
      const data = structuredClone(encodeState(state, encodeAddresses));
      const back = decodeState(data, decodeAddresses);
      const plain = ({ addresses, meta: of }: AddressSet): unknown => ({ addresses, meta: of });
      assert.deepEqual(shown(back, plain), shown(state, plain));
      if (back.tag === "ok" && state.tag === "ok") assert.ok(back.value.equals(state.value));
    }),
  );
});

it("a set that is told by what has changed is the whole set on the other side, change by change", () => {
  const sets = fc.array(
    fc.tuple(fc.array(address, { maxLength: 20, size: "max" }), meta).map(([all, of]) => AddressSet.of(all, of)),
    { minLength: 1, maxLength: 6 },
  );
  fc.assert(
    fc.property(sets, ([first = AddressSet.empty, ...later]) => {
      let sent = first;
      let told = decodeAddresses(structuredClone(encodeAddresses(first))).packed();
      for (const set of later) {
        told = decodeChanges(structuredClone(encodeChanges(set, sent)), told).packed();
        sent = set;
        assert.deepEqual([told.addresses, told.meta], [set.addresses, set.meta]);
        assert.ok(told.equals(set));
      }
    }),
  );
});

it("a tree arrives as it left, with each weight, and each id with the addresses of this side", () => {
  const same = (a: Bound, b: Bound): boolean =>
    a.id.equals(b.id) && a.residual.equals(b.residual) && a.addresses === b.addresses;
  fc.assert(
    fc.property(stateOf(tree), (state) => {
      const data = structuredClone(encodeState(state, encodeTree));
      const back = decodeState(data, (each) => decodeTree(each, addressesOf));
      const without = (): string => "";
      assert.deepEqual(shown(back, without), shown(state, without));
      if (back.tag === "ok" && state.tag === "ok") assert.ok(treeEquals(back.value, state.value, same));
    }),
  );
});

const dentries = Dtab.read("/svc => /#/a | 3.00 * /b & 0.12 * /c ; /x/*/y => ! ; /z => $").dentries;
const place = fc
  .record({
    path,
    dentry: fc.option(fc.constantFrom(...dentries), { nil: undefined }),
    namer: fc.option(path, { nil: undefined }),
    used: fc.boolean(),
  })
  .map(({ dentry, namer, ...rest }) => ({
    ...rest,
    ...(dentry === undefined ? {} : { dentry }),
    ...(namer === undefined ? {} : { namer }),
  }));
const { step } = fc.letrec<{ step: Step }>((tie) => {
  const withPlace = <K extends object>(rest: fc.Arbitrary<K>): fc.Arbitrary<Step> =>
    fc.tuple(place, rest).map(([at, more]) => ({ ...at, ...more }) as unknown as Step);
  return {
    step: fc.oneof(
      { maxDepth: 4 },
      withPlace(fc.constantFrom({ kind: "neg" }, { kind: "empty" }, { kind: "fail" }, { kind: "pending" })),
      withPlace(fc.record({ kind: fc.constant("exception"), message: fc.string() })),
      withPlace(fc.record({ kind: fc.constant("leaf"), bound: boundName, addresses: stateOf(addressSet) })),
      withPlace(fc.record({ kind: fc.constant("delegate"), next: tie("step") })),
      withPlace(fc.record({ kind: fc.constant("alt"), steps: fc.array(tie("step"), { maxLength: 3 }) })),
      withPlace(
        fc.record({
          kind: fc.constant("union"),
          steps: fc.array(fc.record({ weight: fc.double({ min: 0, noNaN: true }), step: tie("step") }), {
            maxLength: 3,
          }),
        }),
      ),
      withPlace(
        fc.record({
          kind: fc.constant("transformation"),
          name: fc.string(),
          bound: boundName,
          next: tie("step"),
        }),
      ),
    ),
  };
});

it("an explanation arrives as it left", () => {
  const delegation: fc.Arbitrary<Delegation> = fc.record({ path, root: step, outcome: stateOf(tree), steps: fc.nat() });
  // Text is made of a path when it is asked for; and addresses of this side are compared above.
  const plain = (value: unknown): unknown =>
    JSON.parse(
      JSON.stringify(value, (key, each: unknown) => {
        if (key === "addresses" && typeof each === "object" && each !== null && "observe" in each) return undefined;
        if (each instanceof Path) return each.show;
        return each instanceof Error ? each.message : each;
      }),
    );
  fc.assert(
    fc.property(delegation, (given) => {
      const data = structuredClone(encodeDelegation(given));
      assert.deepEqual(plain(decodeDelegation(data, addressesOf)), plain(given));
    }),
  );
});

const names = ["a", "b", "c"];
const action = fc.oneof(
  fc.record({ kind: fc.constant("name" as const), name: fc.constantFrom(...names), to: fc.constantFrom(0, 1, 2) }),
  fc.record({
    kind: fc.constant("addresses" as const),
    id: fc.constantFrom(0, 1),
    hosts: fc.uniqueArray(fc.nat(9), { maxLength: 10 }),
    weight: fc.integer({ min: 1, max: 2 }),
  }),
  fc.record({ kind: fc.constant("observe" as const), name: fc.constantFrom(...names) }),
  fc.record({ kind: fc.constant("leave" as const), name: fc.constantFrom(...names) }),
  fc.record({ kind: fc.constant("pass" as const), times: fc.nat(8) }),
  fc.record({ kind: fc.constant("restart" as const), after: fc.nat(2) }),
);

it("a worker ends up knowing what the control thread knows, through changes, restarts and slow answers", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 60, size: "max" }), async (actions) => {
      const namer = new DialNamer();
      const sets = [new Dial<AddressSet>(), new Dial<AddressSet>()];
      const trees = [neg, ...sets.map((dial, at) => boundTree(`/id${at}`, "/", dial.var))];
      const control = (): ReturnType<typeof interpreter> =>
        interpreter("/svc => /#/n", [{ prefix: Path.read("/n"), namer, whenUnreachable: "fail" }]);
      const pair = new ThreadPair();
      pair.start(control());
      const local = control();
      const seen = new Map<string, Follower>();
      for (const each of actions) {
        if (each.kind === "name") namer.dial(each.name).set(ok(trees[each.to] as NameTree<Bound>));
        else if (each.kind === "addresses") sets[each.id]?.set(ok(hosts(each.hosts, each.weight)));
        else if (each.kind === "pass") for (let left = each.times; left > 0; left--) await pair.pass();
        else if (each.kind === "leave") {
          seen.get(each.name)?.[Symbol.dispose]();
          seen.delete(each.name);
        } else if (each.kind === "restart") {
          pair.stop();
          for (let left = each.after; left > 0; left--) await pair.pass();
          pair.start(control());
        } else if (!seen.has(each.name)) {
          seen.set(each.name, new Follower(pair.remote.interpreterFor("http").bind(Dtab.empty, svc(each.name))));
        }
      }
      await pair.settle();
      for (const [name, follower] of seen) {
        using expected = new Follower(local.bind(Dtab.empty, svc(name)));
        assert.equal(follower.show(), expected.show(), name);
      }
      for (const follower of seen.values()) follower[Symbol.dispose]();
      await pair.settle();
      assert.equal(pair.binder?.size, 0);
      assert.deepEqual([pair.remote.size, pair.remote.bound], [0, 0]);
      assert.ok([...namer.dials.values()].every((dial) => !dial.observed));
    }),
    { numRuns: 300 },
  );
});

/** The first of them weighs something else now and then. */
const hosts = (all: readonly number[], weight: number): AddressSet =>
  AddressSet.of(all.map((n, at) => ({ host: `10.0.0.${n}`, port: 80, weight: at === 0 ? weight : 1 })));

const svc = (name: string): Path => Path.read(`/svc/${name}`);

/** Follows a name, and the addresses of what it is bound to, as a route and its clusters do. */
class Follower implements Disposable {
  #state: State<NameTree<Bound>> = pending;
  #clusters = new Map<string, { state: State<AddressSet>; subscription: Disposable }>();
  readonly #subscription: Disposable;

  constructor(of: Var<NameTree<Bound>>) {
    this.#subscription = of.observe((state) => {
      this.#state = state;
      if (state.tag === "ok") this.#lead(state.value);
    });
  }

  show(): string {
    const clusters = [...this.#clusters].map(([id, { state }]) =>
      state.tag === "ok"
        ? `${id}: ${state.value.addresses.map(({ host, weight }) => `${host}*${weight}`).join(" ")}`
        : `${id}: ${state.tag}`,
    );
    return `${showState(this.#state)} (${clusters.join()})`;
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
    for (const { subscription } of this.#clusters.values()) subscription[Symbol.dispose]();
  }

  #lead(to: NameTree<Bound>): void {
    const before = this.#clusters;
    this.#clusters = new Map();
    for (const { id, addresses } of leaves(to)) {
      const cluster = { state: pending as State<AddressSet>, subscription: { [Symbol.dispose]: () => undefined } };
      cluster.subscription = addresses.observe((state) => (cluster.state = state)) as typeof cluster.subscription;
      this.#clusters.set(id.show, cluster);
    }
    for (const { subscription } of before.values()) subscription[Symbol.dispose]();
  }
}
