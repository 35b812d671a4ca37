/** Random lives of a registry, against a namer of it: after each quiet moment the namer's view is the registry's, and nothing needs repair. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { type Namer, Path } from "linkspan/plugin";
import { CountingClock } from "../../src/testing/counting-clock.ts";
import { eventually, quietFor } from "../../src/testing/eventually.ts";
import { FollowedName } from "../../src/testing/followed-var.ts";
import type { FixtureInstance, FixtureOptions, NamerFixture } from "../../src/testing/namer-contract.ts";
import { RecordingLog } from "../../src/testing/recording-log.ts";

const SERVICES = ["a", "b", "c", "d"] as const;
/** Few, so that addresses are used again, by others. */
const PORTS = [8001, 8002, 8003, 8004, 8005, 8006];
const QUIET_MS = 20_000;
/** A run is some 400 operations. */
const RUNS = { fast: 1, long: 300 }[process.env["LINKSPAN_TESTS"] ?? "fast"] ?? 6;

type Service = (typeof SERVICES)[number];
/** The port of each instance by its id. */
type Ports = ReadonlyMap<string, number>;

export type Step =
  | { readonly kind: "put"; readonly service: Service; readonly ports: readonly number[] }
  | { readonly kind: "empty" | "drop" | "touch"; readonly service: Service }
  | { readonly kind: "rename" | "swap"; readonly service: Service; readonly to: Service }
  | { readonly kind: "remake"; readonly service: Service; readonly ports: readonly number[] }
  | { readonly kind: "reset" | "outage" | "restart" | "stall" | "refuse" | "turn" };

const service = fc.constantFrom(...SERVICES);
const ports = fc.subarray(PORTS, { minLength: 1, maxLength: 4 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 40, arbitrary: fc.record({ kind: fc.constant("put" as const), service, ports }) },
  { weight: 10, arbitrary: fc.record({ kind: fc.constantFrom("empty" as const, "drop" as const), service }) },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant("remake" as const), service, ports }) },
  {
    weight: 10,
    arbitrary: fc.record({ kind: fc.constantFrom("rename" as const, "swap" as const), service, to: service }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("touch" as const), service }) },
  { weight: 10, arbitrary: fc.constant({ kind: "turn" as const }) },
  { weight: 4, arbitrary: fc.constant({ kind: "reset" as const }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Step>({ kind: "outage" }, { kind: "restart" }, { kind: "stall" }, { kind: "refuse" }),
  },
);

export interface RegistryModel<F extends NamerFixture> {
  make(options: FixtureOptions): Promise<F>;
  /** Another namer over the same registry, which has read nothing yet. */
  another(fixture: F): Namer;
}

/** Some thousand operations; 100,000 in the long run. */
export function registryModel<F extends NamerFixture>(name: string, model: RegistryModel<F>): void {
  test(`${name}: after any changes and troubles the view is the registry's, and a full read repairs nothing`, async () => {
    let done = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { minLength: 40, maxLength: 100 }), { minLength: 4, maxLength: 8 }),
        async (rounds) => {
          done += rounds.reduce((sum, steps) => sum + steps.length, 0);
          await live(model, rounds);
        },
      ),
      { numRuns: RUNS, endOnFailure: true },
    );
    assert.ok(RUNS < 250 || done >= 100_000, `only ${done} operations`);
  });
}

async function live<F extends NamerFixture>(
  model: RegistryModel<F>,
  rounds: readonly (readonly Step[])[],
): Promise<void> {
  const guard = { holdMs: 0, nameShare: 0.5, sourceShare: 0.2 };
  const log = new RecordingLog();
  await using fixture = await model.make({ guard, clock: new CountingClock(), log, down: false });
  const registry = new Registry(fixture);
  const follow = (namer: Namer): Map<Service, FollowedName> =>
    new Map(SERVICES.map((each) => [each, new FollowedName(namer.lookup(fixture.path?.(each) ?? Path.of(each)))]));
  const followed = follow(fixture.namer);
  for (const steps of rounds) {
    for (const each of steps) await registry.happen(each);
    await untilTrue(followed, registry);
    const namer = model.another(fixture);
    const read = follow(namer);
    await untilTrue(read, registry);
    for (const each of SERVICES) assert.equal(portsOf(followed.get(each)), portsOf(read.get(each)), "a repair");
    for (const each of read.values()) each[Symbol.dispose]();
    await namer[Symbol.asyncDispose]();
  }
  for (const each of followed.values()) each[Symbol.dispose]();
  assert.deepEqual(log.told("bug"), []);
}

/** What should be in the registry, beside the registry. */
class Registry {
  readonly #fixture: NamerFixture;
  readonly #sets = new Map<Service, Ports>();

  constructor(fixture: NamerFixture) {
    this.#fixture = fixture;
  }

  ports(of: Service): string {
    return [...new Set(this.#sets.get(of)?.values() ?? [])].sort((a, b) => a - b).join();
  }

  async happen(each: Step): Promise<void> {
    const fixture = this.#fixture;
    switch (each.kind) {
      case "put":
        return this.#put(each.service, numbered(each.ports));
      case "remake":
        await this.#drop(each.service);
        return this.#put(each.service, numbered(each.ports));
      case "empty":
        return this.#put(each.service, new Map());
      case "drop":
        return this.#drop(each.service);
      case "touch":
        return this.#sets.has(each.service) ? fixture.touch(each.service) : undefined;
      case "rename":
      case "swap":
        return this.#exchange(each.service, each.to, each.kind === "swap");
      case "turn":
        return quietFor(2);
      default:
        return this.#trouble(each.kind);
    }
  }

  async #trouble(kind: "reset" | "outage" | "restart" | "stall" | "refuse"): Promise<void> {
    const fixture = this.#fixture;
    if (kind === "reset") return fixture.reset?.();
    if (kind === "restart") return fixture.restart?.();
    if (kind === "stall") fixture.stall?.();
    if (kind === "outage") await fixture.down();
    if (kind === "refuse") await fixture.refuse?.(true);
    await quietFor(20);
    if (kind === "stall") fixture.resume?.();
    if (kind === "outage") await fixture.up();
    if (kind === "refuse") await fixture.refuse?.(false);
  }

  async #put(of: Service, set: Ports): Promise<void> {
    this.#sets.set(of, set);
    const instances = [...set].map(([id, port]): FixtureInstance => ({ id, host: "127.0.0.1", port }));
    await this.#fixture.put(of, instances);
  }

  async #drop(of: Service): Promise<void> {
    if (!this.#sets.delete(of)) return;
    await this.#fixture.drop(of);
  }

  async #exchange(one: Service, other: Service, back: boolean): Promise<void> {
    if (one === other) return;
    const [first, second] = [this.#sets.get(one), this.#sets.get(other)];
    if (first) await this.#put(other, first);
    if (back && second) await this.#put(one, second);
    else await this.#drop(one);
  }
}

/** The same id for the same place in the list, so that ids move from port to port. */
const numbered = (of: readonly number[]): Ports => new Map(of.map((port, at) => [`i-${at}`, port]));

/** What a name's view is, be it confirmed or stale. */
const portsOf = (followed: FollowedName | undefined): string | undefined => {
  if (followed?.tree.state.tag !== "ok") return undefined;
  if (followed.isNeg) return "";
  const found = followed.addresses?.value?.addresses.map(({ port }) => port);
  return found?.sort((a, b) => a - b).join();
};

async function untilTrue(followed: ReadonlyMap<Service, FollowedName>, registry: Registry): Promise<void> {
  for (const [each, name] of followed) {
    const isTrue = (): boolean => !name.isStale && portsOf(name) === registry.ports(each);
    await eventually(`${each} is ${registry.ports(each)}`, isTrue, QUIET_MS).catch((error: Error) => {
      throw new Error(`${error.message}, and not ${portsOf(name) ?? name.tree.state.tag}`, { cause: error });
    });
  }
}
