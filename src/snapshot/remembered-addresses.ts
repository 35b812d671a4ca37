/** The addresses of one bound id: as the registry says, or as they were remembered while it cannot be asked. */
import { type Address, addressKey, AddressSet } from "../base/address.ts";
import type { Guarded, NameGuard } from "../base/guard.ts";
import { Observing } from "../base/cell.ts";
import { moveTo } from "../base/observer.ts";
import { failed, type Held, ok, type Ok, type State, type Var } from "../base/var.ts";
import type { WatchView } from "../naming/namer.ts";
import type { Path } from "../naming/path.ts";
import type { AddressesHome } from "./addresses-home.ts";
import { PATIENCE_MS, unanswered } from "./patience.ts";
import type { Recalled } from "./shelf.ts";

type Phase =
  /** Nothing was told yet. */
  | "unknown"
  /** What was remembered is told; the first answer of the source is to be judged against it. */
  | "recalled"
  /** The guard holds what the source's answer lost of that. */
  | "held"
  /** The source is believed; from here on its own guard is enough. */
  | "settled";

/** What was remembered, and what becomes of it: there from when it was recalled. */
interface Trial {
  readonly recalled: Recalled<AddressSet>;
  readonly guard: NameGuard<Address>;
  /** What the source said last. */
  newest: Ok<AddressSet> | undefined;
  believed: Guarded<Address> | undefined;
  /** The source knows no such id. */
  isAbsent: boolean;
  /** Who waits until a loss is believed. */
  believers: readonly (() => void)[];
}

/** One an id, shared by all names that lead to it, for as long as one of them or the addresses are observed. */
export class RememberedAddresses extends Observing<AddressSet, AddressSet> {
  readonly id: Path;
  readonly #home: AddressesHome;
  #source: Var<AddressSet> | undefined;
  #patience: Disposable | undefined;
  #isObserved = false;
  #phase: Phase = "unknown";
  #cause = unanswered;
  #trial: Trial | undefined;
  #users = 0;

  constructor(id: Path, home: AddressesHome) {
    super(home);
    this.id = id;
    this.#home = home;
  }

  /** Every user releases it once. */
  use(): void {
    this.#users++;
  }

  release(): void {
    if (--this.#users > 0) return;
    this.#forget();
    this.#home.unused(this.id);
  }

  /** The source names the id, with these addresses. */
  attach(source: Var<AddressSet>): void {
    const before = this.#source;
    if (before === source) return;
    this.#source = source;
    if (this.#isObserved) moveTo(source, this, before);
  }

  /** The source cannot say whether there is this id, and this is why. */
  detached(cause: Error): void {
    this.#cause = cause;
    if (this.#source === undefined && this.#isObserved && this.#phase === "unknown") this.#recall(cause);
  }

  /**
   * The source, asked for the first time since this was recalled, knows no such id. True when that is held back: then
   * `believed` is called when it is believed, or the source names the id again.
   */
  withdraw(believed: () => void): boolean {
    if (this.#phase === "settled") return false;
    const trial = this.#seed();
    if (trial === undefined) return false;
    trial.isAbsent = true;
    trial.guard.offer(undefined);
    if (!this.isWithdrawn) return false;
    trial.believers = [...trial.believers, believed];
    return true;
  }

  /** Whether the source knows no such id, and that is held back. */
  get isWithdrawn(): boolean {
    return this.#trial?.isAbsent === true && this.held !== undefined;
  }

  get held(): Held | undefined {
    return this.#trial?.guard.held;
  }

  /** What a namer's own watch cannot know of it; `undefined` where that is enough. */
  view(): WatchView | undefined {
    const name = this.id.show;
    const held = this.held;
    const { recalled, believed } = this.#trial ?? {};
    const endpoints = believed?.members?.size ?? recalled?.value.size ?? 0;
    if (held) return { name, state: "held", since: held.since, held, endpoints };
    if (this.#phase !== "recalled") return undefined;
    return { name, state: "stale", since: recalled?.at ?? 0, cause: this.#cause.message, endpoints };
  }

  protected start(): Disposable {
    this.use();
    this.#isObserved = true;
    if (this.#phase === "recalled") this.#tellRecalled();
    if (this.#phase === "held" && this.#trial?.believed) this.#tellGuarded(this.#trial.believed);
    if (this.#source !== undefined) this.listenTo(this.#source);
    if (this.#phase === "unknown") {
      if (this.#source === undefined) this.#recall(this.#cause);
      else this.#patience = this.#home.clock.timer(PATIENCE_MS, () => this.#lostPatience());
    }
    return this;
  }

  override [Symbol.dispose](): void {
    this.#isObserved = false;
    this.#patience?.[Symbol.dispose]();
    super[Symbol.dispose]();
    if (this.#phase === "settled") {
      this.#home.shelf.date(this.id.show, this.#home.clock.wall());
      this.#forget();
    }
    this.release();
  }

  /** Unobserved, an id may be another service's by tomorrow: what is asked for then starts anew. */
  #forget(): void {
    this.#trial?.guard[Symbol.dispose]();
    this.#trial = undefined;
    this.#phase = "unknown";
  }

  /** Of a source. */
  hear(state: State<AddressSet>): void {
    if (state.tag === "pending") return;
    if (state.tag === "failed") return this.#failed(state.cause);
    if (this.#phase !== "recalled" && this.#phase !== "held") return this.#settle(state);
    if (state.stale) return this.#failed(state.stale.cause);
    this.#judge(state);
  }

  #failed(cause: Error): void {
    this.#cause = cause;
    if (this.#phase === "unknown") return this.#recall(cause);
    if (this.#phase === "settled") this.#home.shelf.date(this.id.show, this.#home.clock.wall());
    this.say(failed(cause));
  }

  #lostPatience(): void {
    if (this.#phase !== "unknown") return;
    this.#seed();
    this.#tellRecalled();
  }

  #recall(cause: Error): void {
    if (this.#seed() === undefined) return this.say(failed(cause));
    this.#tellRecalled();
  }

  /** The guard judges what comes by what is remembered. */
  #seed(): Trial | undefined {
    if (this.#trial !== undefined) return this.#trial;
    const { id } = this;
    const { guard: source, look, shelf, clock } = this.#home;
    const recalled = shelf.recall(id.show, clock.wall());
    if (recalled === undefined) return undefined;
    const guard = source.name<Address>(
      id.show,
      (guarded) => this.#guarded(guarded),
      async (signal) => ({ members: membersOf(await look(id, signal)) }),
    );
    this.#trial = { recalled, guard, newest: undefined, believed: undefined, isAbsent: false, believers: [] };
    guard.offer(membersOf(recalled.value));
    this.#phase = "recalled";
    return this.#trial;
  }

  #tellRecalled(): void {
    if (this.#trial === undefined) return;
    const { value, at } = this.#trial.recalled;
    this.say(ok(value, { stale: { since: at, cause: this.#cause } }));
  }

  #judge(state: Ok<AddressSet>): void {
    const trial = this.#trial;
    if (trial === undefined) return;
    trial.newest = state;
    trial.isAbsent = false;
    trial.guard.offer(membersOf(state.value));
  }

  #guarded(guarded: Guarded<Address>): void {
    if (this.#trial === undefined || this.#phase === "unknown" || this.#phase === "settled") return;
    this.#trial.believed = guarded;
    if (guarded.held) this.#phase = "held";
    if (guarded.members === undefined && !guarded.held) this.#home.shelf.forget(this.id.show);
    else this.#tellGuarded(guarded);
    if (!this.isWithdrawn) this.#tellBelievers();
  }

  #tellGuarded({ members, held }: Guarded<Address>): void {
    const { newest, recalled } = this.#trial ?? {};
    const meta = newest?.value.meta ?? recalled?.value.meta ?? {};
    const value = AddressSet.of(members?.values() ?? [], meta);
    if (held) return this.say(ok(value, { held }));
    const isNewest = newest !== undefined && value.equals(newest.value);
    this.#settle(isNewest ? newest : ok(value, { confirmedAt: this.#home.clock.wall() }));
  }

  #tellBelievers(): void {
    const trial = this.#trial;
    if (trial === undefined) return;
    const { believers } = trial;
    trial.believers = [];
    for (const believed of believers) believed();
  }

  #settle(state: Ok<AddressSet>): void {
    const { shelf } = this.#home;
    this.#phase = "settled";
    this.#patience?.[Symbol.dispose]();
    this.#patience = undefined;
    if (state.stale) shelf.date(this.id.show, state.stale.since);
    else shelf.remember(this.id.show, state.value);
    this.say(state);
  }
}

function membersOf(set: AddressSet | undefined): ReadonlyMap<string, Address> | undefined {
  return set && new Map(set.addresses.map((address) => [addressKey(address), address]));
}
