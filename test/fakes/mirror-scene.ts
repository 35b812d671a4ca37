/** A mirror from a namer that a test speaks for to a registry in memory, on a clock that stands still. */
import type { Instance } from "../../src/base/instance.ts";
import { failed, ok } from "../../src/base/var.ts";
import type { MirrorParts } from "../../src/bridge/mirror-parts.ts";
import { Mirror } from "../../src/bridge/mirror.ts";
import { MetricsRegistry } from "../../src/base/metrics-registry.ts";
import { Path } from "../../src/naming/path.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { RecordingLog } from "../../src/testing/recording-log.ts";
import { seededRandom } from "../../src/testing/seeded-random.ts";
import { MemoryAnnouncer } from "./memory-announcer.ts";
import { MemoryNamer } from "./memory-namer.ts";
import { MemoryRegistry } from "./memory-registry.ts";

export const HOME = { registry: "io.l5d.home", cluster: "east" };

export const instanceAt = (n: number, more: Partial<Instance> = {}): Instance => ({
  id: `i-${n}`,
  host: `10.0.0.${n}`,
  port: 8080,
  weight: 1,
  ready: true,
  ...more,
});

export const instancesAt = (...ns: readonly number[]): readonly Instance[] => ns.map((n) => instanceAt(n));

export class MirrorScene implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly log = new RecordingLog();
  readonly metrics = new MetricsRegistry();
  readonly namer = new MemoryNamer();
  readonly registry = new MemoryRegistry();
  readonly #mirrors: Mirror[] = [];
  #members = 0;

  /** A daemon's: with an announcer and a life of its own. */
  mirror(more: Partial<MirrorParts> = {}): { readonly mirror: Mirror; readonly announcer: MemoryAnnouncer } {
    const announcer = new MemoryAnnouncer(this.registry);
    const member = `member-${++this.#members}`;
    const mirror = new Mirror({
      name: "users-to-legacy",
      source: { namer: this.namer, path: Path.of("users"), origin: HOME },
      announcer,
      target: Path.of("users"),
      owner: { group: "users-to-legacy", member },
      clock: this.clock,
      random: seededRandom(this.#members),
      log: this.log,
      metrics: this.metrics,
      ...more,
    });
    this.#mirrors.push(mirror);
    return { mirror, announcer };
  }

  /** One that runs, and has had the time to do what it does at once. */
  async running(
    more: Partial<MirrorParts> = {},
  ): Promise<{ readonly mirror: Mirror; readonly announcer: MemoryAnnouncer }> {
    const made = this.mirror(more);
    made.mirror.run();
    await this.pass(0);
    return made;
  }

  says(instances: readonly Instance[], name = "users"): void {
    this.namer.say(Path.of(name), ok(instances));
  }

  isStale(instances: readonly Instance[], name = "users"): void {
    const stale = { since: this.clock.wall(), cause: new Error("the source does not answer") };
    this.namer.say(Path.of(name), ok(instances, { stale }));
  }

  isHeld(instances: readonly Instance[], name = "users"): void {
    const held = { since: this.clock.wall(), until: this.clock.wall() + 30_000, lost: 1 };
    this.namer.say(Path.of(name), ok(instances, { held }));
  }

  fails(name = "users"): void {
    this.namer.say(Path.of(name), failed(new Error("the source cannot be asked")));
  }

  async pass(ms: number): Promise<void> {
    await this.clock.advanceAsync(ms);
    for (let turns = 0; turns < 5; turns++) await this.clock.advanceAsync(0);
  }

  /** Ids of what stands at a target, in order; those of the target's own users with an `n:` before them. */
  stands(name = "users"): string {
    return this.registry
      .at(Path.of(name))
      .map(({ instance, owner }) => (owner ? instance.id : `n:${instance.id}`))
      .sort()
      .join();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const mirror of this.#mirrors) await mirror[Symbol.asyncDispose]();
  }
}
