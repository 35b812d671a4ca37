/** A mirror in a world of trouble: what it may delete is judged by a second reading of the rule, at every single write. */
import assert from "node:assert/strict";
import type { Instance } from "../../src/base/instance.ts";
import { Mirror } from "../../src/bridge/mirror.ts";
import { Path } from "../../src/naming/path.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { RecordingLog } from "../../src/testing/recording-log.ts";
import { seededRandom } from "../../src/testing/seeded-random.ts";
import { MetricsRegistry } from "../../src/base/metrics-registry.ts";
import { MemoryAnnouncer } from "../fakes/memory-announcer.ts";
import { type MemoryOperation, MemoryRegistry, type MemoryWrite } from "../fakes/memory-registry.ts";
import { HOME, instanceAt } from "../fakes/mirror-scene.ts";
import { ModelSource } from "./model-source.ts";

const USERS = Path.of("users");
const CYCLE_MS = 10_000;
const GROUP = "users-mirror";
const RIVAL = "another-mirror";

interface Daemon {
  readonly mirror: Mirror;
  readonly announcer: MemoryAnnouncer;
}

export class MirrorModel {
  readonly registry = new MemoryRegistry();
  readonly clock = new FakeClock();
  readonly #random: { next(): number };
  readonly #log = new RecordingLog();
  readonly #source: ModelSource;
  #daemons: Daemon[] = [];
  readonly #rivals: Daemon[] = [];
  #members = 0;
  #judged = 0;
  readonly #verdicts: unknown[] = [];
  /** When absence deleted entries lately: one a cycle may go. */
  #slowAt: readonly number[] = [];
  #dyingIn = Infinity;
  #faults = 0;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#source = new ModelSource(USERS, this.clock, this.#random);
    this.registry.gate = (operation) => this.#gate(operation);
    this.registry.observe(() => this.#judge());
  }

  async run(steps: number): Promise<void> {
    this.#begin(GROUP, this.#daemons);
    for (let step = 0; step < steps; step++) {
      await this.#trouble();
      await this.#pass(this.#pick([0, 0, 100, 3_000, CYCLE_MS, 45_000]));
    }
    await this.#heal();
    this.#assertAgreed();
    for (const { mirror } of [...this.#daemons, ...this.#rivals]) await mirror[Symbol.asyncDispose]();
    assert.equal(this.clock.waiting, 0, "no timer is left");
  }

  #pick<T>(of: readonly T[]): T {
    return of[Math.floor(this.#random.next() * of.length)] as T;
  }

  #begin(group: string, among: Daemon[]): void {
    const announcer = new MemoryAnnouncer(this.registry);
    const mirror = new Mirror({
      name: group,
      source: { namer: this.#source.namer, path: USERS, origin: HOME },
      announcer,
      target: USERS,
      owner: { group, member: `m-${++this.#members}` },
      clock: this.clock,
      random: this.#random,
      log: this.#log,
      metrics: new MetricsRegistry(),
      rules: { cycleMs: CYCLE_MS, timeoutMs: 2_000 },
    });
    among.push({ mirror, announcer });
    mirror.run();
  }

  async #pass(ms: number): Promise<void> {
    await this.clock.advanceAsync(ms);
    for (let turns = 0; turns < 3; turns++) await this.clock.advanceAsync(0);
    assert.deepEqual(this.registry.offences, []);
    if (this.#verdicts.length > 0) throw this.#verdicts[0];
  }

  async #trouble(): Promise<void> {
    const troubles: (() => void | Promise<void>)[] = [
      ...this.#source.troubles,
      () => void (this.#faults = this.#pick([0, 0, 0.1, 0.5])),
      () => (this.registry.outage ? this.registry.up() : this.registry.down()),
      () => void (this.registry.outage && this.registry.up()),
      () => this.registry.expire(this.#pick(this.#daemons).announcer),
      () => this.clock.jumpWall(this.#pick([-3_600_000, 3_600_000])),
      () => this.#crash(),
      () => void (this.#dyingIn = Math.floor(this.#random.next() * 4)),
      () => this.#begin(GROUP, this.#daemons),
      () => this.#handsOver(),
      () => this.registry.native(USERS, instanceAt(this.#pick([2, 3, 90]), { id: "native" })),
      () => this.registry.removeNative(USERS, "native"),
      () => (this.#rivals.length === 0 ? this.#begin(RIVAL, this.#rivals) : undefined),
    ];
    await this.#pick(troubles)();
  }

  async #crash(): Promise<void> {
    const victim = this.#pick(this.#daemons);
    victim.announcer.die();
    this.#daemons = this.#daemons.filter((each) => each !== victim);
    if (this.#daemons.length === 0) this.#begin(GROUP, this.#daemons);
    await this.#pass(this.#pick([0, 5_000]));
    this.registry.bury(victim.announcer);
    await victim.mirror[Symbol.asyncDispose]();
  }

  async #handsOver(): Promise<void> {
    const leaver = this.#pick(this.#daemons);
    this.#begin(GROUP, this.#daemons);
    this.#daemons = this.#daemons.filter((each) => each !== leaver);
    const left = leaver.mirror[Symbol.asyncDispose]();
    await this.#pass(0);
    await this.#pass(5_000);
    await left;
    this.registry.bury(leaver.announcer);
  }

  #gate({ op, by }: MemoryOperation): void {
    const isWrite = op === "create" || op === "update" || op === "delete";
    if (isWrite && by !== this.#rivals[0]?.announcer && this.#dyingIn-- === 0) {
      by.die();
      throw new Error("the process died");
    }
    if (this.#random.next() < this.#faults) throw new Error(this.#pick(["409", "500"]));
  }

  /** Judges what was just written. */
  #judge(): void {
    const { journal } = this.registry;
    while (this.#judged < journal.length) {
      const write = journal[this.#judged++];
      try {
        if (write?.op === "delete" && write.by) this.#judgeDelete(write);
        if (write && write.op !== "delete") this.#judgePut(write);
      } catch (error) {
        // Thrown here it would be taken for a registry's error.
        this.#verdicts.push(error);
      }
    }
  }

  #judgePut({ entry, by }: MemoryWrite): void {
    if (by) assert.deepEqual(entry.instance.origin, HOME, "every entry says where it is at home");
  }

  #judgeDelete({ entry, by }: MemoryWrite): void {
    const { id } = entry.instance;
    assert.equal(entry.owner?.group, by?.group, "only the own group's entries are touched");
    const standing = this.registry.at(USERS);
    const isReplaced = standing.some(({ owner, instance }) => owner?.group === by?.group && instance.id === id);
    if (isReplaced || this.#source.isWithdrawn(id)) return;
    const now = this.clock.now();
    const isRivalled = standing.some(
      ({ owner, instance }) => owner?.group !== by?.group && instance.host === entry.instance.host,
    );
    const silentMs = this.#source.silenceMs(id);
    assert.ok(isRivalled || silentMs >= 1.8 * CYCLE_MS, `${id} was deleted after a silence of ${silentMs} ms`);
    if (by?.group !== GROUP) return;
    this.#slowAt = [...this.#slowAt.filter((at) => now - at < 3 * CYCLE_MS), now];
    assert.ok(this.#slowAt.length <= 4, `${id} was deleted as one of ${this.#slowAt.length} in three cycles`);
  }

  async #heal(): Promise<void> {
    this.#faults = 0;
    this.#dyingIn = Infinity;
    this.registry.up();
    this.#source.isWhole();
    await this.#pass(0);
    // Who died between two writes is found dead, and its place is taken.
    this.#begin(GROUP, this.#daemons);
    for (const daemon of this.#daemons.filter(({ announcer }) => announcer.isDead)) {
      this.registry.bury(daemon.announcer);
      await daemon.mirror[Symbol.asyncDispose]();
    }
    this.#daemons = this.#daemons.filter(({ announcer }) => !announcer.isDead);
    await this.#pass(1_500_000);
  }

  #assertAgreed(): void {
    const standing = this.registry.at(USERS);
    const shown = (instances: readonly Instance[]): string =>
      instances
        .map(({ host, port }) => `${host}:${port}`)
        .sort()
        .join();
    const natives = standing.filter(({ owner }) => owner === undefined).map(({ instance }) => instance);
    const isNative = ({ host, port }: Instance): boolean =>
      natives.some((native) => native.host === host && native.port === port);
    const mirrored = standing.filter(({ owner }) => owner !== undefined);
    assert.equal(
      shown(mirrored.map(({ instance }) => instance)),
      shown(this.#source.ready.filter((each) => !isNative(each))),
    );
    const members = new Set(mirrored.map(({ owner }) => `${owner?.group} ${owner?.member}`));
    assert.ok(members.size <= 2, `the entries of a group are one member's: ${[...members].join()}`);
    assert.deepEqual(this.#log.told("bug"), []);
  }
}
