/** Registries that are mirrored into each other in a ring, in both directions: what is at home in one never comes back to it. */
import assert from "node:assert/strict";
import { MetricsRegistry } from "../../src/base/metrics-registry.ts";
import { Mirror } from "../../src/bridge/mirror.ts";
import { Path } from "../../src/naming/path.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { RecordingLog } from "../../src/testing/recording-log.ts";
import { seededRandom } from "../../src/testing/seeded-random.ts";
import { MemoryAnnouncer } from "../fakes/memory-announcer.ts";
import { RegistryNamer } from "../fakes/memory-namer.ts";
import { MemoryRegistry } from "../fakes/memory-registry.ts";
import { instanceAt } from "../fakes/mirror-scene.ts";

const USERS = Path.of("users");
const NAMES = ["a", "b", "c"] as const;
type Name = (typeof NAMES)[number];

interface Place {
  readonly registry: MemoryRegistry;
  readonly namer: RegistryNamer;
}

export class MirrorRing {
  readonly #clock = new FakeClock();
  readonly #random: { next(): number };
  readonly #places = new Map<Name, Place>();
  readonly #mirrors: Mirror[] = [];
  readonly #announcers: MemoryAnnouncer[] = [];
  #faults = 0;

  /** `links` are from where to where. */
  constructor(seed: number, links: readonly (readonly [Name, Name])[]) {
    this.#random = seededRandom(seed);
    for (const name of NAMES) {
      const registry = new MemoryRegistry();
      registry.gate = () => {
        if (this.#random.next() < this.#faults) throw new Error("500");
      };
      this.#places.set(name, { registry, namer: new RegistryNamer(registry) });
    }
    for (const [from, to] of links) this.#link(from, to);
  }

  async run(steps: number): Promise<void> {
    for (let step = 0; step < steps; step++) {
      this.#change();
      await this.#clock.advanceAsync(this.#pick([0, 100, 5_000, 20_000]));
      this.#assertNoEcho();
    }
    this.#faults = 0;
    await this.#clock.advanceAsync(1_000_000);
    this.#assertNoEcho();
    this.#assertComplete();
    for (const mirror of this.#mirrors) await mirror[Symbol.asyncDispose]();
    for (const { namer } of this.#places.values()) namer[Symbol.dispose]();
  }

  #pick<T>(of: readonly T[]): T {
    return of[Math.floor(this.#random.next() * of.length)] as T;
  }

  #at(name: Name): Place {
    const place = this.#places.get(name);
    assert.ok(place);
    return place;
  }

  #link(from: Name, to: Name): void {
    const announcer = new MemoryAnnouncer(this.#at(to).registry);
    this.#announcers.push(announcer);
    const name = `${from}-to-${to}`;
    const mirror = new Mirror({
      name,
      source: { namer: this.#at(from).namer, path: USERS, origin: { registry: from, cluster: "east" } },
      announcer,
      target: USERS,
      owner: { group: name, member: "one" },
      clock: this.#clock,
      random: this.#random,
      log: new RecordingLog(),
      metrics: new MetricsRegistry(),
    });
    this.#mirrors.push(mirror);
    mirror.run();
  }

  #change(): void {
    const name = this.#pick(NAMES);
    const { registry } = this.#at(name);
    const n = 20 * (NAMES.indexOf(name) + 1) + Math.floor(this.#random.next() * 6);
    const id = `i-${n}`;
    this.#pick([
      () => registry.native(USERS, instanceAt(n)),
      () => registry.native(USERS, instanceAt(n, { ready: false })),
      () => registry.removeNative(USERS, id),
      () => registry.at(USERS).forEach(({ owner, instance }) => !owner && registry.removeNative(USERS, instance.id)),
      () => registry.expire(this.#pick(this.#announcers)),
      () => void (this.#faults = this.#pick([0, 0.3])),
    ])();
  }

  #assertNoEcho(): void {
    for (const name of NAMES) {
      for (const { instance, owner } of this.#at(name).registry.at(USERS)) {
        if (!owner) continue;
        assert.notEqual(instance.origin?.registry, name, `${instance.id} came back to ${name}`);
        assert.equal(owner.group, `${instance.origin?.registry}-to-${name}`, "it came from where it is at home");
      }
    }
  }

  #assertComplete(): void {
    for (const mirror of this.#mirrors) {
      const [from, to] = mirror.name.split("-to-") as [Name, Name];
      const natives = this.#at(from)
        .registry.at(USERS)
        .filter(({ owner, instance }) => !owner && instance.ready);
      const mirrored = this.#at(to)
        .registry.at(USERS)
        .filter(({ owner }) => owner?.group === mirror.name);
      const ids = (entries: typeof natives): readonly string[] => entries.map(({ instance }) => instance.id).sort();
      assert.deepEqual(ids(mirrored), ids(natives), mirror.name);
    }
  }
}
