/** The law of explanations: what one says of a name is what the router does with requests for it. */
import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { AddressSet } from "../../src/base/address.ts";
import { failed, ok, type State, Var } from "../../src/base/var.ts";
import { overlayOf, type Weighted } from "../../src/bridge/shift-overlay.ts";
import { OverlaidDtab } from "../../src/naming/overlaid-dtab.ts";
import { Dtab } from "../../src/naming/dtab.ts";
import { placesOf } from "../../src/naming/explained-rules.ts";
import { type Explanation, explanationOf } from "../../src/naming/explanation.ts";
import type { Delegation } from "../../src/naming/delegation.ts";
import type { Interpreter } from "../../src/naming/interpreter.ts";
import { alt, empty, fail, leaf, type NameTree, neg, showTree, union } from "../../src/naming/name-tree.ts";
import type { Name } from "../../src/naming/namer.ts";
import { Path } from "../../src/naming/path.ts";
import { bound, Dial, DialNamer, interpreter, now, toPath } from "../fakes/naming-fixture.ts";
import { RouterBench } from "../fakes/router-bench.ts";
import { ThreadPair } from "../fakes/thread-pair.ts";

const REQUESTS = 200;

const paths = ["/x", "/y/z", "/svc/b", "/#/n/p", "/#/n/q", "/#/next/r", "/$/inet/1", "/$/inet/2/a"];
const tree: fc.Arbitrary<NameTree<Path>> = fc.letrec<{ tree: NameTree<Path> }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    { weight: 5, arbitrary: fc.constantFrom(...paths).map((text) => leaf(Path.read(text))) },
    fc.constantFrom<NameTree<Path>>(neg, empty, fail),
    fc.array(tie("tree"), { minLength: 1, maxLength: 3 }).map((trees) => alt(trees)),
    fc
      .array(fc.record({ weight: fc.constantFrom(0, 1, 3, 0.5), tree: tie("tree") }), { minLength: 1, maxLength: 3 })
      .map((branches) => union(branches)),
  ),
})).tree;
const prefix = fc.constantFrom("/svc", "/svc/a", "/svc/*", "/svc/b", "/x", "/y", "/*/z", "/#/n/q");
const dtab = (maxLength: number): fc.Arbitrary<string> =>
  fc
    .array(fc.tuple(prefix, tree), { maxLength })
    .map((dentries) => dentries.map(([from, to]) => `${from}=>${showTree(to)}`).join(";"));

const addresses = Var.of(AddressSet.of([{ host: "10.0.0.1", port: 80, weight: 1 }]));
const known = bound("/p", "/", addresses) as NameTree<Name>;
const nobody = bound("/nobody") as NameTree<Name>;
const other = bound("/o", "/rest", addresses) as NameTree<Name>;
const answers = fc.constantFrom<State<NameTree<Name>>>(
  ok(known),
  ok(nobody),
  ok(other),
  ok(
    union<Name>([
      { weight: 1, tree: known },
      { weight: 2, tree: other },
      { weight: 3, tree: nobody },
    ]),
  ),
  ok(neg),
  ok(empty),
  ok(toPath("/x")),
  failed(new Error("down")),
  { tag: "pending" },
);
const states = fc.record({ p: answers, q: answers, r: answers });

/** A control thread and a worker, whose router sends what it is given to clusters that count. */
class Site {
  readonly control: Interpreter;
  readonly #namer = new DialNamer();
  readonly #pair = new ThreadPair();
  readonly #bench: RouterBench;
  readonly #local: string;

  constructor(base: string | Var<Dtab>, local: string) {
    this.control = interpreter(base, [
      { prefix: Path.of("n"), namer: this.#namer },
      { prefix: Path.of("next"), namer: this.#namer, whenUnreachable: "next" },
    ]);
    this.#pair.start(this.control);
    this.#bench = new RouterBench({ interpreter: this.#pair.remote.interpreterFor("http") });
    this.#local = local;
    for (const id of ["/#/n/nobody", "/#/next/nobody"]) this.#bench.cluster(id).status = "closed";
  }

  tell(all: Readonly<Record<string, State<NameTree<Name>>>>): void {
    for (const [name, state] of Object.entries(all)) this.#namer.dial(name).set(state);
  }

  /** By the dtab that runs, or by another one in its place. */
  explain(other?: Dtab): Explanation {
    const [local, path] = [Dtab.read(this.#local), Path.read("/svc/a")];
    const explained =
      other === undefined ? this.control.delegate(local, path) : this.control.delegateBy?.(other.concat(local), path);
    const state = now(explained as Var<Delegation>);
    assert(state.tag === "ok");
    return explanationOf(state.value, placesOf({}));
  }

  /** How many of `REQUESTS` requests came to each bound id. */
  async requests(): Promise<ReadonlyMap<string, number>> {
    await this.#pair.settle();
    const before = this.#seen();
    const dtabOf = this.#local === "" ? [] : [["l5d-dtab", this.#local] as const];
    this.#bench.send("a", dtabOf);
    await this.#pair.settle();
    for (const cluster of this.#bench.clusters.values()) {
      cluster.answer = 200;
      while (cluster.held.length > 0) cluster.end();
    }
    for (let sent = 1; sent < REQUESTS; sent++) this.#bench.send("a", dtabOf);
    const counts = [...this.#seen()].map(([id, count]) => [id, count - (before.get(id) ?? 0)] as const);
    return new Map(counts.filter(([, count]) => count > 0));
  }

  #seen(): ReadonlyMap<string, number> {
    return new Map([...this.#bench.clusters].map(([id, cluster]) => [id, cluster.seen]));
  }
}

function sharesOf({ chosen }: Explanation): ReadonlyMap<string, number> {
  const shares = new Map<string, number>();
  for (const { id, share } of chosen) shares.set(id, (shares.get(id) ?? 0) + share);
  return shares;
}

function assertSame(counts: ReadonlyMap<string, number>, shares: ReadonlyMap<string, number>, why: string): void {
  for (const [id] of counts) assert.ok((shares.get(id) ?? 0) > 0, `${id} got requests: ${why}`);
  for (const [id, share] of shares) {
    const seen = (counts.get(id) ?? 0) / REQUESTS;
    // Six times the standard deviation of so many draws; shares that were added up may be a last digit more than 1.
    const chance = 6 * Math.sqrt(Math.max(0, share * (1 - share)) / REQUESTS);
    assert.ok(Math.abs(seen - share) <= chance + 1e-9, `${id} got ${seen} of the requests, not ${share}: ${why}`);
  }
}

it("requests go where the explanation says, as often as it says, and so when the registry's answers change", async () => {
  await fc.assert(
    fc.asyncProperty(dtab(6), dtab(2), states, states, async (base, local, first, second) => {
      const site = new Site(base, local);
      // While a name is not known, requests go where they went, or wait.
      let shares: ReadonlyMap<string, number> = new Map();
      for (const state of [first, second]) {
        site.tell(state);
        const explained = site.explain();
        if (explained.state === "ok") shares = sharesOf(explained);
        const counts = await site.requests();
        assertSame(counts, shares, `${base} with ${local}: ${JSON.stringify(explained.root)}`);
      }
    }),
    { numRuns: 150, endOnFailure: true },
  );
});

it("the shares of what is chosen, and of what is known to be empty or fails at once, are the whole", () => {
  fc.assert(
    fc.property(dtab(6), states, (base, state) => {
      const site = new Site(base, "");
      site.tell(state);
      const { chosen, root, state: outcome } = site.explain();
      if (outcome !== "ok") return assert.deepEqual(chosen, []);
      // A split of which nothing is left ends the name itself.
      const ends = (step: Explanation["root"]): number => {
        const taken = (step.next ?? []).filter((each) => each.taken);
        return taken.length === 0 ? (step.share ?? 0) : taken.reduce((sum, each) => sum + ends(each), 0);
      };
      assert.ok(Math.abs(ends(root) - 1) < 1e-9, `${ends(root)} in all: ${JSON.stringify(root)}`);
      return undefined;
    }),
    { numRuns: 150, endOnFailure: true },
  );
});

const side = fc.constantFrom("/#/n/p", "/#/n/q", "/#/next/r", "/x");
const shift: fc.Arbitrary<Weighted> = fc
  .record({
    path: fc.constantFrom("/svc", "/svc/a", "/svc/b"),
    from: side,
    to: side,
    weights: fc.constantFrom({ from: 99, to: 1 }, { from: 50, to: 50 }, { from: 0, to: 100 }, { from: 100, to: 0 }),
  })
  .map(({ weights, ...plan }) => ({ plan: { name: plan.path.slice(1).replace("/", "-"), ...plan }, weights }));

it("requests go where the explanation says while shifts begin, go on and end, and it names them", async () => {
  let named = 0;
  await fc.assert(
    fc.asyncProperty(
      dtab(4),
      dtab(2),
      states,
      fc.array(fc.uniqueArray(shift, { maxLength: 2, selector: ({ plan }) => plan.path }), { maxLength: 4 }),
      async (base, local, state, stages) => {
        const over = new Dial<Dtab>();
        over.set(ok(Dtab.empty));
        const own = Dtab.read(base);
        // As a router has it, and not as a Var of one: names that come and go observe it as they do there.
        const site = new Site(new OverlaidDtab(own, over.var) as unknown as Var<Dtab>, local);
        site.tell(state);
        let shares: ReadonlyMap<string, number> = new Map();
        for (const shifts of [[], ...stages]) {
          const overlay = overlayOf(shifts);
          over.set(ok(overlay));
          const explained = site.explain();
          if (explained.state === "ok") shares = sharesOf(explained);
          assertSame(await site.requests(), shares, `${overlay.show} over ${base} with ${local}`);
          assert.deepEqual(site.explain(own.concat(overlay)), explained, "what if it had the dtab that it has");
          for (const { text, place = "" } of explained.rules) {
            if (!place.startsWith("shift ")) continue;
            named++;
            const { weights } = shifts.find(({ plan }) => place.startsWith(`shift ${plan.name} `)) as Weighted;
            assert.equal(place.split(" ").at(-2), String(weights.to), text);
          }
        }
      },
    ),
    { numRuns: 150, endOnFailure: true },
  );
  assert.ok(named > 50, `${named} lines of shifts were seen`);
});
