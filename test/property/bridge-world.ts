/** A bridge in both directions between two fake registries, in every trouble, on a network and a clock that are a test's own. */
import assert from "node:assert/strict";
import type { Random } from "../../src/base/time.ts";
import { FakeClock, turn } from "../../src/testing/fake-clock.ts";
import { RecordingLog } from "../../src/testing/recording-log.ts";
import { seededRandom } from "../../src/testing/seeded-random.ts";
import { MemoryHost, MemoryNetwork } from "../fakes/memory-wire.ts";
import { BridgeDaemon, CYCLE_MS, type Direction, KUBERNETES_PORT, ZOOKEEPER_PORT } from "./bridge-daemon.ts";
import { BridgeJudge } from "./bridge-judge.ts";
import { type Native, Natives } from "./bridge-natives.ts";
import { KubernetesPlace, type Mirrored, type Place, ZooKeeperPlace } from "./bridge-places.ts";

const OWN = [
  ["zk-to-k8s", "zk-to-k8s"],
  ["k8s-to-zk", "k8s-to-zk"],
] as const;
/** Of these names one comes before those of the own groups, and one after them. */
const RIVALS = ["a-rival", "z-rival"] as const;
const MOST_DAEMONS = 3;
/** So long after the last trouble everything has to be as it should. */
const HEALS_WITHIN_MS = 1_500_000;
/** It stays so. */
const AGREED_CYCLES = 3;
const ENDS_WITHIN_MS = 300_000;
/** Turns of the loop in which nothing arrives: then all that can be done without the clock was done. */
const QUIET_TURNS = 3;

interface Side {
  readonly place: Place;
  readonly natives: Natives;
  readonly judge: BridgeJudge;
}

export class BridgeWorld {
  readonly #clock = new FakeClock();
  readonly #log = new RecordingLog();
  readonly #network = new MemoryNetwork();
  readonly #random: Random;
  readonly #sides: Readonly<Record<"zk" | "k8s", Side>>;
  #daemons: BridgeDaemon[] = [];
  #rivals: BridgeDaemon[] = [];
  /** Daemons that are being closed. */
  #ending = 0;
  #members = 0;
  /** What was done to it, and what was written. */
  readonly #trace: string[] = [];
  #failing = 0;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    const [zk, k8s] = [new ZooKeeperPlace(this.#clock), new KubernetesPlace(this.#clock)];
    const [legacy, pods] = [new Natives(zk, this.#clock), new Natives(k8s, this.#clock)];
    const judge = (target: Place, source: Natives, natives: Natives, home: string): BridgeJudge =>
      (target.listener = new BridgeJudge({ target, source, natives, home, clock: this.#clock })) as BridgeJudge;
    this.#sides = {
      zk: { place: zk, natives: legacy, judge: judge(zk, pods, legacy, "k8s") },
      k8s: { place: k8s, natives: pods, judge: judge(k8s, legacy, pods, "zk") },
    };
    for (const { place } of this.#both) place.fails = () => this.#random.next() < this.#failing;
    this.#network.accepting.set(ZOOKEEPER_PORT, zk.accept);
    this.#network.accepting.set(KUBERNETES_PORT, k8s.accept);
  }

  /** Rejects with what was found, and with all that was done before. */
  async run(steps: number): Promise<void> {
    try {
      await this.#run(steps);
    } catch (error) {
      throw new Error(`${String(error)}\n${this.#trace.join("\n")}`, { cause: error });
    }
  }

  async #run(steps: number): Promise<void> {
    for (const side of this.#both) for (let n = 1; n <= 4; n++) side.natives.set(this.#native(side, n));
    this.#begin();
    await this.#pass(this.#pick([0, 500, CYCLE_MS]));
    for (let step = 0; step < steps; step++) {
      this.#trouble();
      await this.#pass(this.#pick([0, 0, 20, 300, CYCLE_MS, 4 * CYCLE_MS]));
    }
    await this.#heal();
    await this.#end();
  }

  get #both(): readonly Side[] {
    return [this.#sides.zk, this.#sides.k8s];
  }

  #pick<T>(of: readonly T[]): T {
    return of[this.#below(of.length)] as T;
  }

  #below(limit: number): number {
    return Math.floor(this.#random.next() * limit);
  }

  #native(side: Side, n: number, more: Partial<Native> = {}): Native {
    const isZk = side === this.#sides.zk;
    return { id: `${side.place.registry}-${n}`, host: `10.0.${isZk ? 1 : 2}.${n}`, port: 8080, ready: true, ...more };
  }

  #daemon(mirrors: readonly (readonly [string, Direction])[]): BridgeDaemon {
    const member = `m-${++this.#members}`;
    const host = new MemoryHost(this.#network);
    const random = seededRandom(this.#below(2 ** 31));
    return new BridgeDaemon({ host, clock: this.#clock, random, log: this.#log, member, mirrors });
  }

  #begin(): void {
    if (this.#daemons.length < MOST_DAEMONS) this.#daemons.push(this.#daemon(OWN));
  }

  #told(what: string): void {
    this.#trace.push(`${Math.round(this.#clock.now())} ms: ${what}`);
  }

  #trouble(): void {
    const side = this.#pick(this.#both);
    const trouble = this.#pick(this.#troubles(side));
    this.#told(`${side.place.registry} ${String(trouble).slice(6)}`);
    trouble();
    const said = side.natives.all.map(({ id, ready }) => (ready ? id : `(${id})`));
    this.#told(`${side.place.registry} has ${said.join()}`);
  }

  #troubles(side: Side): readonly (() => void)[] {
    const daemon = this.#pick(this.#daemons);
    return [
      ...this.#changes(side),
      ...this.#changes(side),
      ...side.place.spoils,
      () => this.#lies(side, true),
      () => this.#lies(side, false),
      () => void (this.#failing = this.#pick([0, 0, 0.1, 0.5])),
      () => void (this.#failing = 0),
      () => this.#network.cutNext((of) => this.#below(of)),
      () => side.place.cut(),
      () => this.#goesDown(side),
      () => this.#comesUp(side),
      () => daemon.host.stall(true),
      () => daemon.host.stall(false),
      () => this.#clock.jumpWall(this.#pick([-3_600_000, 3_600_000])),
      () => this.#dies(daemon),
      () => daemon.host.dieAfter(this.#below(20)),
      () => this.#begin(),
      () => this.#handsOver(daemon),
      () => void (this.#rivals.length === 0 && this.#rivals.push(this.#rival())),
    ];
  }

  #changes(side: Side): readonly (() => void)[] {
    const { natives } = side;
    const one = this.#pick(natives.all);
    const n = 1 + this.#below(8);
    const other = side === this.#sides.zk ? this.#sides.k8s : this.#sides.zk;
    return [
      () => natives.set(this.#native(side, n, { port: this.#pick([8080, 8081]) })),
      () => natives.set(this.#native(side, n)),
      () => one && natives.set({ ...one, ready: !one.ready }),
      () => natives.all.forEach((each) => natives.set({ ...each, ready: this.#random.next() < 0.5 })),
      () => natives.all.forEach((each) => natives.set({ ...each, ready: true })),
      () => one && natives.remove(one),
      () => natives.all.forEach((each) => this.#random.next() < 0.6 && natives.remove(each)),
      // The same instance, registered in both.
      () => natives.set({ ...this.#native(other, n), id: `${side.place.registry}-dual` }),
    ];
  }

  /** Who asks again is told the lie, or the truth. */
  #lies(side: Side, lies: boolean): void {
    side.natives.lies(lies);
    side.place.lie(lies);
    side.place.cut();
  }

  #portOf = ({ place }: Side): number => (place.registry === "zk" ? ZOOKEEPER_PORT : KUBERNETES_PORT);

  #goesDown(side: Side): void {
    this.#network.accepting.delete(this.#portOf(side));
    side.place.cut();
    side.natives.gap(true);
  }

  #comesUp(side: Side): void {
    this.#network.accepting.set(this.#portOf(side), side.place.accept);
    side.natives.gap(false);
  }

  #dies(victim: BridgeDaemon): void {
    victim.host.die();
    this.#bury(victim);
    if (this.#daemons.length === 0) this.#begin();
  }

  /** Nothing that it does while it is closed leaves its host. */
  #bury(daemon: BridgeDaemon): void {
    this.#daemons = this.#daemons.filter((each) => each !== daemon);
    this.#rivals = this.#rivals.filter((each) => each !== daemon);
    this.#ending++;
    void daemon[Symbol.asyncDispose]()
      .catch(() => undefined)
      .finally(() => this.#ending--);
  }

  #handsOver(leaver: BridgeDaemon): void {
    this.#begin();
    if (this.#daemons.length > 1) this.#bury(leaver);
  }

  #rival(): BridgeDaemon {
    return this.#daemon([[this.#pick(RIVALS), this.#pick(["zk-to-k8s", "k8s-to-zk"])]]);
  }

  async #heal(): Promise<void> {
    this.#failing = 0;
    for (const daemon of [...this.#daemons, ...this.#rivals]) {
      daemon.host.stall(false);
      daemon.host.dieAfter(Infinity);
      if (daemon.host.isDead) this.#bury(daemon);
    }
    if (this.#daemons.length === 0) this.#begin();
    for (const side of this.#both) {
      this.#comesUp(side);
      this.#lies(side, false);
    }
    this.#sides.k8s.place.mend();
    const isOver = this.#clock.now() + HEALS_WITHIN_MS;
    for (let agreed = 0; agreed < AGREED_CYCLES && this.#clock.now() < isOver;) {
      await this.#pass(CYCLE_MS);
      agreed = this.#disagreement() === undefined ? agreed + 1 : 0;
    }
    const statuses = [...this.#daemons, ...this.#rivals].flatMap((each) => each.statuses);
    assert.equal(this.#disagreement(), undefined, JSON.stringify(statuses));
  }

  #disagreement(): string | undefined {
    for (const side of this.#both) {
      const source = side === this.#sides.zk ? this.#sides.k8s : this.#sides.zk;
      const own = new Set(side.natives.all.map(addressOf));
      const wanted = source.natives.ready.map(addressOf).filter((address) => !own.has(address));
      const { mirrored } = side.place;
      const [is, should] = [mirrored.map(addressOf), wanted].map((each) => each.sort().join());
      if (is !== should) return `${side.place.registry} has ${is}, not ${should}`;
      const members = new Set(mirrored.map(({ group, member }) => `${group} ${member}`));
      const groups = new Set(mirrored.map(({ group }) => group));
      if (members.size !== groups.size) return `${side.place.registry} has entries of ${[...members].join()}`;
    }
    return undefined;
  }

  async #end(): Promise<void> {
    for (const daemon of [...this.#daemons, ...this.#rivals]) this.#bury(daemon);
    const isOver = this.#clock.now() + ENDS_WITHIN_MS;
    while (this.#ending > 0 && this.#clock.now() < isOver) await this.#pass(CYCLE_MS);
    assert.equal(this.#ending, 0, "what is closed ends");
    for (const { place } of this.#both) await place[Symbol.asyncDispose]();
    await this.#settle();
    assert.deepEqual(this.#log.told("bug"), []);
    assert.deepEqual([this.#clock.waiting, this.#network.wires.size], [0, 0], "timers and connections that are left");
  }

  /** Step by step, so that whatever a timer sets off is over before the next one. */
  async #pass(ms: number): Promise<void> {
    const until = this.#clock.now() + ms;
    await this.#settle();
    for (let next = this.#clock.nextIn; next !== undefined; next = this.#clock.nextIn) {
      if (this.#clock.now() + next > until) break;
      this.#clock.advance(next);
      await this.#settle();
    }
    this.#clock.advance(until - this.#clock.now());
    for (const { judge } of this.#both) assert.deepEqual(judge.verdicts, []);
  }

  async #settle(): Promise<void> {
    const network = this.#network;
    let seen = network.arrivals;
    for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
      await turn();
      if (network.arrivals !== seen || network.underway > 0) quiet = 0;
      seen = network.arrivals;
    }
  }
}

const addressOf = ({ host, port }: Pick<Mirrored, "host" | "port">): string => `${host}:${port}`;
