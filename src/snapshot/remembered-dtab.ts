/** A dtab that lies in a file or a registry, as it is to be believed: its last good version, and never emptied by accident. */
import type { Guarded, NameGuard, SourceGuard } from "../base/guard.ts";
import type { Clock } from "../base/time.ts";
import { failed, ok, type Stale, type State } from "../base/var.ts";
import { Dtab } from "../naming/dtab.ts";
import type { DtabListener, DtabReading, DtabSource } from "../naming/dtab-source.ts";
import type { WatchView } from "../naming/namer.ts";
import { readPlacedDtab } from "../naming/placed-dtab.ts";
import { PATIENCE_MS } from "./patience.ts";
import type { Shelf } from "./shelf.ts";
import { viewOf } from "./view.ts";

export interface RememberedDtabParts {
  readonly source: DtabSource;
  /** Texts, by place. */
  readonly shelf: Shelf<string>;
  readonly guard: SourceGuard;
  readonly clock: Clock;
  set(state: State<Dtab>): void;
  /** Hears failures and successes, such as an `OutageLog`. */
  readonly outage: { failed(cause: Error): void; succeeded(): void };
}

/** How many follow each place: where one takes the place of another, as a new configuration has it, that one goes on confirming. */
const followers = new WeakMap<Shelf<string>, Map<string, number>>();

/** The one member of what the guard judges: a dtab is there, or it is not. */
const WHOLE = "dtab";
const notAnswered = new Error("the source of the dtab has not answered yet");

/**
 * Follows from its construction until it is disposed. A text that cannot be read is a failure like any other; a dtab
 * without a rule, where there were some, is a loss that the guard holds back. What is remembered serves until the first
 * answer, where that does not come at once.
 */
export class RememberedDtab implements DtabListener, Disposable {
  readonly #parts: RememberedDtabParts;
  readonly #guard: NameGuard<Dtab>;
  readonly #following: Disposable;
  readonly #patience: Disposable;
  #view: WatchView;
  #newest: (DtabReading & { readonly dtab: Dtab }) | undefined;
  /** Since when and why what is believed is not confirmed. */
  #stale: Stale | undefined;
  #isKnown = false;
  #closed = false;

  constructor(parts: RememberedDtabParts) {
    this.#parts = parts;
    const { source, guard, clock } = parts;
    this.#view = { name: source.place, state: "pending" };
    this.#guard = guard.name<Dtab>(
      source.place,
      (guarded) => this.#believe(guarded),
      async (signal) => ({ members: membersOf(this.#read(await source.confirm(signal))) }),
    );
    this.#count(1);
    this.#patience = clock.timer(PATIENCE_MS, () => this.#recall(notAnswered));
    this.#following = source.follow(this);
  }

  view(): WatchView {
    return this.#view;
  }

  heard(reading: DtabReading): void {
    if (this.#closed) return;
    let dtab: Dtab;
    try {
      dtab = this.#read(reading);
    } catch (error) {
      return this.failed(error as Error);
    }
    this.#stale = undefined;
    this.#parts.outage.succeeded();
    // Whoever writes other rules means it; only that there are none may be an accident.
    this.#guard.offer(membersOf(dtab), dtab.size === 0 ? undefined : "all");
  }

  failed(cause: Error): void {
    if (this.#closed) return;
    const { clock, shelf, source, outage } = this.#parts;
    this.#recall(cause);
    this.#stale ??= { since: clock.wall(), cause };
    shelf.date(source.place, clock.wall());
    outage.failed(cause);
    this.#tell(failed(cause));
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#patience[Symbol.dispose]();
    this.#following[Symbol.dispose]();
    this.#guard[Symbol.dispose]();
    const { clock, shelf, source } = this.#parts;
    if (this.#count(-1) === 0) shelf.date(source.place, clock.wall());
  }

  #count(more: -1 | 1): number {
    const { shelf, source } = this.#parts;
    const counts = followers.get(shelf) ?? new Map<string, number>();
    followers.set(shelf, counts);
    const count = (counts.get(source.place) ?? 0) + more;
    if (count > 0) counts.set(source.place, count);
    else counts.delete(source.place);
    return count;
  }

  /** The same text is the same dtab, so that nothing is bound anew for it. */
  #read(reading: DtabReading): Dtab {
    const { text, dtab: known } = this.#newest ?? {};
    const isSame = known !== undefined && text === reading.text;
    const dtab = isSame ? known : readPlacedDtab(reading.text ?? "", this.#parts.source.place);
    this.#newest = { ...reading, dtab };
    return dtab;
  }

  /** Serves what is remembered, where nothing is known yet. */
  #recall(cause: Error): void {
    if (this.#isKnown || this.#closed) return;
    const { shelf, source, clock } = this.#parts;
    const recalled = shelf.recall(source.place, clock.wall());
    if (recalled === undefined) return;
    this.#stale = { since: recalled.at, cause };
    this.#guard.offer(membersOf(this.#read({ text: recalled.value })), "all");
  }

  #believe({ members, held }: Guarded<Dtab>): void {
    const { clock, shelf, source } = this.#parts;
    this.#isKnown = true;
    this.#patience[Symbol.dispose]();
    const { text, revision } = this.#newest ?? {};
    // What a hold ends with during an outage is no newer than the outage.
    const trouble = this.#stale ? { stale: this.#stale } : { confirmedAt: clock.wall() };
    const about = { ...trouble, ...(revision === undefined ? {} : { revision }), ...(held ? { held } : {}) };
    if (!this.#stale && !held) shelf.remember(source.place, text ?? "");
    this.#tell(ok(members?.get(WHOLE) ?? Dtab.empty, about));
  }

  #tell(state: State<Dtab>): void {
    const { source, clock } = this.#parts;
    this.#view = viewOf(source.place, state, this.#view, clock.wall());
    this.#parts.set(state);
  }
}

function membersOf(dtab: Dtab): ReadonlyMap<string, Dtab> | undefined {
  return dtab.size === 0 ? undefined : new Map([[WHOLE, dtab]]);
}
