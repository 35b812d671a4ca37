/** What a source has said of one name, and in which way instances left it: by a sign, one by one, or in a silence. */
import type { Instance } from "../base/instance.ts";
import { LossWindow } from "../base/loss-window.ts";
import type { Clock } from "../base/time.ts";
import { pending, type State } from "../base/var.ts";

type Instances = ReadonlyMap<string, Instance>;

const NOBODY: Instances = new Map();
/** A loss of more than this share in a short time is a silence, even where the guard let it pass. */
const MASS = 0.5;

/** Follows one name from the beginning: what left it before that is unknown. */
export class SourceHistory {
  #state: State<readonly Instance[]> = pending;
  #instances: Instances = NOBODY;
  readonly #deleted = new Set<string>();
  readonly #clock: Clock;
  readonly #shortMs: number;
  /** There once somebody came or went: there are thousands of names. */
  #window: LossWindow | undefined;
  #gaps = 0;

  /** What goes within `shortMs` goes together. */
  constructor(clock: Clock, shortMs: number) {
    this.#clock = clock;
    this.#shortMs = shortMs;
  }

  /** Whether the source says now what it has; it may still be held. */
  get isConfirmed(): boolean {
    return this.#state.tag === "ok" && this.#state.stale === undefined;
  }

  /** Whether the source says in full what it has, and all of it is believed. */
  get isSound(): boolean {
    return this.isConfirmed && this.#state.tag === "ok" && this.#state.held === undefined;
  }

  /** Grows whenever it becomes unsound, so that who looks twice sees what was between. */
  get gaps(): number {
    return this.#gaps;
  }

  /** Whether it has answered or failed. */
  get isHeard(): boolean {
    return this.#state.tag !== "pending";
  }

  get trouble(): string | undefined {
    if (this.#state.tag === "failed") return this.#state.cause.message;
    return this.#state.tag === "ok" ? this.#state.stale?.cause.message : undefined;
  }

  /** As said last, by id; also while it is stale. */
  get instances(): Instances {
    return this.#instances;
  }

  /** Whether the source took it away while it was sound, and it has not come back. */
  wasDeleted(id: string): boolean {
    return this.#deleted.has(id);
  }

  /** Keeps of what was deleted only what somebody still asks for. */
  forgetDeleted(isAskedFor: (id: string) => boolean): void {
    for (const id of this.#deleted) if (!isAskedFor(id)) this.#deleted.delete(id);
  }

  /** True when something is to be withdrawn at once. */
  heard(state: State<readonly Instance[]>): boolean {
    const wasSound = this.isSound;
    this.#state = state;
    if (wasSound && !this.isSound) this.#gaps++;
    if (state.tag !== "ok") return false;
    const before = this.#instances;
    const next = new Map(state.value.map((instance) => [instance.id, instance]));
    this.#instances = next;
    if (!this.isConfirmed) return false;
    for (const id of this.#deleted) if (next.has(id)) this.#deleted.delete(id);
    const deleted = wasSound && this.isSound ? this.#deletedBetween(before, next) : [];
    for (const id of deleted) this.#deleted.add(id);
    return deleted.length > 0 || hasNewSign(before, next);
  }

  /** Those that were taken away one by one. What empties a name, or takes most of it, is none of that. */
  #deletedBetween(before: Instances, next: Instances): readonly string[] {
    const [was, is] = [readyAtHome(before), readyAtHome(next)];
    const lost = was.filter((id) => !next.has(id));
    const joined = is.filter((id) => !before.has(id)).length;
    const signed = was.filter((id) => next.get(id)?.ready === false).length;
    if (lost.length + joined + signed === 0) return [];
    const now = this.#clock.now();
    this.#window ??= new LossWindow(this.#shortMs);
    this.#window.add(now, { joined, lost: lost.length, signed });
    const net = lost.length - joined;
    const netLately = -this.#window.net(now);
    const isMass = net > MASS * was.length || netLately > MASS * (is.length + netLately);
    return is.length === 0 || isMass ? [] : lost;
  }
}

/** The guard counts for callers, to whom what mirrors brought is as good; a mirror publishes only what is at home. */
const readyAtHome = (instances: Instances): readonly string[] =>
  [...instances.values()].filter(({ ready, origin }) => ready && origin === undefined).map(({ id }) => id);

function hasNewSign(before: Instances, next: Instances): boolean {
  for (const { id, ready } of next.values()) if (!ready && before.get(id)?.ready !== false) return true;
  return false;
}
