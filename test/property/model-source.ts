/** A source that has a truth, and says it, less than it, or nothing; with a second reading of what the rule makes of that. */
import type { Instance } from "../../src/base/instance.ts";
import type { Clock, Random } from "../../src/base/time.ts";
import { failed, ok, type State } from "../../src/base/var.ts";
import type { Path } from "../../src/naming/path.ts";
import { MemoryNamer } from "../fakes/memory-namer.ts";
import { instanceAt } from "../fakes/mirror-scene.ts";

/** What the source is believed to have said of one instance. */
interface Word {
  /** Since when the source has been sound, and silent of it. */
  silentSince: number | undefined;
  wasDeleted: boolean;
  isUnready: boolean;
}

type Instances = ReadonlyMap<string, Instance>;

export class ModelSource {
  readonly namer = new MemoryNamer();
  readonly #name: Path;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #truth = new Map<string, Instance>();
  readonly #words = new Map<string, Word>();
  #isSound = false;
  #said: Instances = new Map();

  constructor(name: Path, clock: Clock, random: Random) {
    this.#name = name;
    this.#clock = clock;
    this.#random = random;
    for (let n = 1; n <= 4; n++) this.#truth.set(`i-${n}`, instanceAt(n));
    this.isWhole();
  }

  /** Those that should be published. */
  get ready(): readonly Instance[] {
    return [...this.#truth.values()].filter(({ ready }) => ready);
  }

  /** What may happen to it. */
  get troubles(): readonly (() => void)[] {
    return [
      () => this.#comes(),
      () => this.#comes(),
      () => this.#goesBySign(),
      () => this.#becomesReady(),
      () => this.#isDeleted(),
      () => this.#isDeleted(),
      () => this.#says(ok(this.#pick([[], [...this.#truth.values()].slice(0, 1)]))),
      () => this.#changesInAGap(),
      () => this.#isDoubted(),
      () => this.isWhole(),
      () => this.isWhole(),
    ];
  }

  /** It says its truth, and all of it, from now on. */
  isWhole(): void {
    this.#says(ok([...this.#truth.values()]));
  }

  /** Whether the rule withdraws it at once. */
  isWithdrawn(id: string): boolean {
    const { isUnready, wasDeleted } = this.#wordOf(id);
    return isUnready || wasDeleted;
  }

  /** For how long the source, being sound, has not said that it has it. */
  silenceMs(id: string): number {
    const { silentSince } = this.#wordOf(id);
    return silentSince === undefined ? 0 : this.#clock.now() - silentSince;
  }

  #pick<T>(of: readonly T[]): T {
    return of[Math.floor(this.#random.next() * of.length)] as T;
  }

  #comes(): void {
    const n = 1 + Math.floor(this.#random.next() * 12);
    this.#truth.set(`i-${n}`, instanceAt(n, { port: this.#pick([8080, 8081]) }));
    if (this.#isSound) this.isWhole();
  }

  #goesBySign(): void {
    for (const id of this.#truth.keys()) if (this.#random.next() < 0.5) this.#isReady(id, false);
    if (this.#isSound) this.isWhole();
  }

  #becomesReady(): void {
    for (const id of this.#truth.keys()) this.#isReady(id, true);
    if (this.#isSound) this.isWhole();
  }

  #isReady(id: string, ready: boolean): void {
    const instance = this.#truth.get(id);
    if (instance) this.#truth.set(id, { ...instance, ready });
  }

  #isDeleted(): void {
    const id = this.#pick([...this.#truth.keys()]);
    if (id === undefined || this.ready.length < 2) return;
    this.#truth.delete(id);
    if (this.#isSound) this.isWhole();
  }

  #changesInAGap(): void {
    this.#isDoubted();
    for (const id of this.#truth.keys()) if (this.#random.next() < 0.5) this.#truth.delete(id);
    this.isWhole();
  }

  #isDoubted(): void {
    const known = [...this.#truth.values()];
    const since = this.#clock.wall();
    const doubts: readonly State<readonly Instance[]>[] = [
      failed(new Error("the source is away")),
      ok(known, { stale: { since, cause: new Error("the source is away") } }),
      ok(known, { held: { since, until: since + 30_000, lost: 1 } }),
    ];
    this.#says(this.#pick(doubts));
  }

  #wordOf(id: string): Word {
    const word = this.#words.get(id) ?? { silentSince: undefined, wasDeleted: false, isUnready: false };
    this.#words.set(id, word);
    return word;
  }

  /** Tells the mirrors, and notes what it means by the rule. */
  #says(state: State<readonly Instance[]>): void {
    const wasSound = this.#isSound;
    this.#isSound = state.tag === "ok" && !state.stale && !state.held;
    const said = new Map(state.tag === "ok" ? state.value.map((each) => [each.id, each]) : []);
    for (const id of said.keys()) this.#wordOf(id);
    if (wasSound && this.#isSound) this.#noteDeleted(said);
    this.#said = said;
    for (const [id, word] of this.#words) {
      const instance = said.get(id);
      if (!this.#isSound || instance) word.silentSince = undefined;
      else word.silentSince ??= this.#clock.now();
      if (state.tag !== "ok" || state.stale || !instance) continue;
      word.wasDeleted = false;
      word.isUnready = !instance.ready;
    }
    this.namer.say(this.#name, state);
  }

  /** Of two whole answers in a row: those that went one by one. */
  #noteDeleted(said: Instances): void {
    const before = readyIn(this.#said);
    const after = readyIn(said);
    const lost = before.filter((id) => !said.has(id));
    const joined = after.filter((id) => !this.#said.has(id));
    const isMass = after.length === 0 || lost.length - joined.length > before.length / 2;
    if (!isMass) for (const id of lost) this.#wordOf(id).wasDeleted = true;
  }
}

const readyIn = (all: Instances): readonly string[] =>
  [...all.values()].filter(({ ready }) => ready).map(({ id }) => id);
