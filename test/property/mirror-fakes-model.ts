/** A mirror in trouble, over announcers that speak to a registry on real sockets; judged before every removal. */
import assert from "node:assert/strict";
import { MetricsRegistry } from "../../src/base/metrics-registry.ts";
import type { Random } from "../../src/base/time.ts";
import { Mirror } from "../../src/bridge/mirror.ts";
import type { Announcer, Owner, Standing, StandingEntry } from "../../src/naming/announcer.ts";
import { Path } from "../../src/naming/path.ts";
import { nativeAt, shown } from "../../src/testing/announcer-case.ts";
import type { AnnouncerFixture, MakeAnnouncerFixture } from "../../src/testing/announcer-contract.ts";
import { CountingClock } from "../../src/testing/counting-clock.ts";
import { eventually, quietFor } from "../../src/testing/eventually.ts";
import { RecordingLog } from "../../src/testing/recording-log.ts";
import { seededRandom } from "../../src/testing/seeded-random.ts";
import { JudgedAnnouncer } from "../fakes/judged-announcer.ts";
import { HOME } from "../fakes/mirror-scene.ts";
import { ModelSource } from "./model-source.ts";

const USERS = Path.of("users");
const CYCLE_MS = 60;
const GROUP = "users-mirror";
/** None that a mirrored instance has. */
const NATIVE = nativeAt(200);

interface Daemon {
  readonly mirror: Mirror;
  readonly announcer: Announcer;
}

export class MirrorFakesModel {
  readonly #fixture: AnnouncerFixture;
  readonly #random: Random;
  readonly #clock: CountingClock;
  readonly #log: RecordingLog;
  readonly #source: ModelSource;
  readonly #verdicts: unknown[] = [];
  #daemons: Daemon[] = [];
  #members = 0;

  static async run(seed: number, steps: number, make: MakeAnnouncerFixture): Promise<void> {
    const clock = new CountingClock();
    const log = new RecordingLog();
    await using fixture = await make({ clock, log });
    await new MirrorFakesModel(seed, { fixture, clock, log }).#run(steps);
  }

  private constructor(
    seed: number,
    parts: { readonly fixture: AnnouncerFixture; readonly clock: CountingClock; readonly log: RecordingLog },
  ) {
    this.#fixture = parts.fixture;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#random = seededRandom(seed);
    this.#source = new ModelSource(USERS, this.#clock, this.#random);
  }

  async #run(steps: number): Promise<void> {
    await this.#fixture.native?.("users", NATIVE);
    try {
      this.#begin(this.#fixture.announcer);
      for (let step = 0; step < steps; step++) {
        await this.#pick(this.#troubles())();
        await quietFor(this.#pick([0, 5, CYCLE_MS, 3 * CYCLE_MS]));
        this.#assertJudged();
      }
      await this.#fixture.refuse?.(false);
      await this.#fixture.up?.();
      this.#source.isWhole();
      await this.#untilAgreed();
    } finally {
      for (const { mirror } of this.#daemons) await mirror[Symbol.asyncDispose]();
    }
  }

  #pick<T>(of: readonly T[]): T {
    return of[Math.floor(this.#random.next() * of.length)] as T;
  }

  #begin(announcer: Announcer): void {
    const mirror = new Mirror({
      name: GROUP,
      source: { namer: this.#source.namer, path: USERS, origin: HOME },
      announcer: new JudgedAnnouncer(announcer, (...about) => this.#judge(...about)),
      target: this.#fixture.path?.("users") ?? USERS,
      owner: { group: GROUP, member: `m-${++this.#members}` },
      clock: this.#clock,
      random: this.#random,
      log: this.#log,
      metrics: new MetricsRegistry(),
      rules: { cycleMs: CYCLE_MS, timeoutMs: 1_000, settleMs: 20, auditMs: 5 * CYCLE_MS },
    });
    this.#daemons.push({ mirror, announcer });
    mirror.run();
  }

  #troubles(): readonly (() => void | Promise<void>)[] {
    const { refuse, expire, down, up } = this.#fixture;
    const newest = (): Announcer => (this.#daemons.at(-1) as Daemon).announcer;
    return [
      ...this.#source.troubles,
      ...this.#source.troubles,
      ...(refuse ? [() => refuse(true), () => refuse(false), () => refuse(false)] : []),
      ...(expire ? [() => expire(newest())] : []),
      ...(down && up ? [() => down(), () => up(), () => up()] : []),
      () => this.#handsOver(),
    ];
  }

  /** Another daemon takes its place beside, and one of them leaves. */
  async #handsOver(): Promise<void> {
    if (this.#members >= 4) return;
    this.#begin(await this.#fixture.another());
    const [leaver, ...others] = this.#daemons;
    this.#daemons = others;
    await leaver?.mirror[Symbol.asyncDispose]();
  }

  /** Thrown here it would be taken for a registry's error. */
  #judge(entry: StandingEntry, { entries }: Standing, owner: Owner): void {
    const { id } = entry.instance;
    if (entry.group !== owner.group) this.#verdicts.push(new Error(`${entry.key} is someone else's`));
    const isReplaced = entries.some(({ mine, instance }) => mine && instance.id === id);
    if ((isReplaced && !entry.mine) || this.#source.isWithdrawn(id)) return;
    const silentMs = this.#source.silenceMs(id);
    if (silentMs >= 1.8 * CYCLE_MS) return;
    this.#verdicts.push(new Error(`${id} was deleted after a silence of ${silentMs} ms`));
  }

  #assertJudged(): void {
    if (this.#verdicts.length > 0) throw this.#verdicts[0];
    assert.deepEqual(this.#log.told("bug"), []);
  }

  async #untilAgreed(): Promise<void> {
    const natives = this.#fixture.native ? [NATIVE] : [];
    const wanted = shown([...this.#source.ready.map(({ host, port }) => ({ host, port })), ...natives]);
    let last = "";
    const isThere = async (): Promise<boolean> => {
      this.#assertJudged();
      last = shown(await this.#fixture.seen("users"));
      return last === wanted;
    };
    await eventually("the target is what the source is", isThere, 60_000).catch((error: unknown) => {
      const status = JSON.stringify(this.#daemons.map(({ mirror }) => mirror.status()));
      throw new Error(`a reader sees ${last}, not ${wanted}: ${status}`, { cause: error });
    });
  }
}
