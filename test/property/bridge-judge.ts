/** Judges what mirrors write at one registry, as it is written, by a second reading of the rule. */
import type { Clock } from "../../src/base/time.ts";
import { CYCLE_MS, HOLD_MS } from "./bridge-daemon.ts";
import type { Natives, Word } from "./bridge-natives.ts";
import type { Mirrored, Place, PlaceListener } from "./bridge-places.ts";

/** What a mirror may still do after something that it has not heard of: a write is under way for so long at most. */
const GRACE_MS = 6_000;
/** Three looks, a cycle apart, of which the first may be at once. */
const SILENCE_MS = 1.8 * CYCLE_MS;
/** One a cycle by the cap; a successor begins with a cap of its own. */
const MOST_SLOW = 4;

type Address = Pick<Mirrored, "host" | "port">;

export class BridgeJudge implements PlaceListener {
  readonly verdicts: string[] = [];
  readonly #target: Place;
  readonly #source: Natives;
  /** Of the target's own. */
  readonly #natives: Natives;
  readonly #home: string;
  readonly #clock: Clock;
  /** When something was deleted lately, by the group, and by the group and member. */
  readonly #quickAt = new Map<string, readonly number[]>();
  readonly #slowAt = new Map<string, readonly number[]>();

  constructor(parts: {
    readonly target: Place;
    readonly source: Natives;
    readonly natives: Natives;
    /** The registry that the mirrors' source is. */
    readonly home: string;
    readonly clock: Clock;
  }) {
    this.#target = parts.target;
    this.#source = parts.source;
    this.#natives = parts.natives;
    this.#home = parts.home;
    this.#clock = parts.clock;
  }

  touched(what: string): void {
    this.#found(`${what} is someone else's`);
  }

  stands({ id, origin }: Mirrored): void {
    if (origin?.registry !== this.#home) this.#found(`${id} is at home at ${origin?.registry}, and came back`);
    if (!this.#source.word(id)) this.#found(`nobody has ever said ${id}`);
  }

  gone({ group, member, id, host, port }: Mirrored, isEnd: boolean): void {
    if (isEnd || this.#target.mirrored.some((each) => each.group === group && each.id === id)) return;
    const word = this.#source.word(id);
    if (!word) return;
    const { why, silentMs } = this.#silence(word);
    if (why === "unready") return;
    // A successor does not know what its predecessor deleted lately.
    if (why === "deleted" && silentMs < SILENCE_MS) return this.#quick(`${group} ${member}`, id);
    const isRivalled = this.#hasRival(group, { host, port }) || this.#hasRival(group, this.#source.find(id));
    if (!isRivalled && silentMs < SILENCE_MS) this.#found(`${id} of ${group} was deleted, ${why} for ${silentMs} ms`);
    else this.#slow(group, id);
  }

  /** As it is now, or was so lately that the write was under way. */
  #silence({ since, why, back }: Word): { readonly why: Word["why"] | "said"; readonly silentMs: number } {
    const now = this.#clock.now();
    if (since !== undefined) return { why, silentMs: now - since };
    if (back === undefined || now - back.at >= GRACE_MS) return { why: "said", silentMs: 0 };
    return { why: back.why, silentMs: back.at - back.since };
  }

  /** Whether the instance at this address is registered at the target by itself, or by another group. */
  #hasRival(group: string, at: Address | undefined): boolean {
    const isThere = ({ host, port }: Address): boolean => host === at?.host && port === at.port;
    return (
      this.#natives.all.some(isThere) || this.#target.mirrored.some((each) => each.group !== group && isThere(each))
    );
  }

  /** One by one, and net no more than half within the time that the guard looks back. */
  #quick(writer: string, id: string): void {
    const now = this.#clock.now();
    const deleted = lately(this.#quickAt, writer, now, HOLD_MS);
    const since = now - HOLD_MS - GRACE_MS;
    const most = this.#source.mostReady(since);
    if (deleted - this.#source.joined(since) > most / 2) this.#found(`${id} was one of ${deleted} deleted of ${most}`);
  }

  #slow(group: string, id: string): void {
    const deleted = lately(this.#slowAt, group, this.#clock.now(), 3 * CYCLE_MS);
    if (deleted > MOST_SLOW) this.#found(`${id} was one of ${deleted} of ${group} in three cycles`);
  }

  #found(what: string): void {
    this.verdicts.push(`${this.#clock.now()} ms, at ${this.#target.registry}: ${what}`);
  }
}

/** Notes one more, and says how many there were within so many milliseconds. */
function lately(by: Map<string, readonly number[]>, group: string, now: number, withinMs: number): number {
  const within = [...(by.get(group) ?? []).filter((at) => now - at < withinMs), now];
  by.set(group, within);
  return within.length;
}
