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

/** One an id, shared by all names that lead to it, for as long as one of them or the addresses are observed. */
export class RememberedAddresses extends Observing<AddressSet, AddressSet> {
  readonly id: Path;
  readonly #home: AddressesHome;
  /** There while a loss is held back. */
  #believers: Set<() => void> | undefined;
  #source: Var<AddressSet> | undefined;
  #patience: Disposable | undefined;
  #isObserved = false;
  #phase: Phase = "unknown";
  #recalled: Recalled<AddressSet> | undefined;
  #cause = unanswered;
  #newest: Ok<AddressSet> | undefined;
  #guard: NameGuard<Address> | undefined;
  #believed: Guarded<Address> | undefined;
  #isAbsent = false;
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
    this.#seed();
    if (this.#guard === undefined) return false;
    this.#isAbsent = true;
    this.#guard.offer(undefined);
    if (!this.isWithdrawn) return false;
    (this.#believers ??= new Set()).add(believed);
    return true;
  }

  /** Whether the source knows no such id, and that is held back. */
  get isWithdrawn(): boolean {
    return this.#isAbsent && this.#guard?.held !== undefined;
  }

  get held(): Held | undefined {
    return this.#guard?.held;
  }

  /** What a namer's own watch cannot know of it; `undefined` where that is enough. */
  view(): WatchView | undefined {
    const name = this.id.show;
    const held = this.held;
    const endpoints = this.#believed?.members?.size ?? this.#recalled?.value.size ?? 0;
    if (held) return { name, state: "held", since: held.since, held, endpoints };
    if (this.#phase !== "recalled") return undefined;
    return { name, state: "stale", since: this.#recalled?.at ?? 0, cause: this.#cause.message, endpoints };
  }

  protected start(): Disposable {
    this.use();
    this.#isObserved = true;
    if (this.#phase === "recalled") this.#tellRecalled();
    if (this.#phase === "held" && this.#believed) this.#tellGuarded(this.#believed);
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
    this.#guard?.[Symbol.dispose]();
    this.#guard = undefined;
    this.#phase = "unknown";
    this.#recalled = undefined;
    this.#believed = undefined;
    this.#newest = undefined;
    this.#isAbsent = false;
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
    this.#seed();
    if (this.#recalled === undefined) return this.say(failed(cause));
    this.#tellRecalled();
  }

  /** The guard judges what comes by what is remembered. */
  #seed(): void {
    if (this.#guard !== undefined) return;
    const { id } = this;
    const { guard, look, shelf, clock } = this.#home;
    const recalled = shelf.recall(id.show, clock.wall());
    if (recalled === undefined) return;
    this.#recalled = recalled;
    this.#guard = guard.name<Address>(
      id.show,
      (guarded) => this.#guarded(guarded),
      async (signal) => ({ members: membersOf(await look(id, signal)) }),
    );
    this.#guard.offer(membersOf(recalled.value));
    this.#phase = "recalled";
  }

  #tellRecalled(): void {
    if (this.#recalled === undefined) return;
    const { value, at } = this.#recalled;
    this.say(ok(value, { stale: { since: at, cause: this.#cause } }));
  }

  #judge(state: Ok<AddressSet>): void {
    this.#newest = state;
    this.#isAbsent = false;
    this.#guard?.offer(membersOf(state.value));
  }

  #guarded(guarded: Guarded<Address>): void {
    if (this.#phase === "unknown" || this.#phase === "settled") return;
    this.#believed = guarded;
    if (guarded.held) {
      this.#phase = "held";
      this.#tellGuarded(guarded);
    } else if (guarded.members === undefined) this.#home.shelf.forget(this.id.show);
    else this.#tellGuarded(guarded);
    if (!this.isWithdrawn) this.#tellBelievers();
  }

  #tellGuarded({ members, held }: Guarded<Address>): void {
    const meta = this.#newest?.value.meta ?? this.#recalled?.value.meta ?? {};
    const value = AddressSet.of(members?.values() ?? [], meta);
    if (held) return this.say(ok(value, { held }));
    const isNewest = this.#newest !== undefined && value.equals(this.#newest.value);
    this.#settle(isNewest && this.#newest ? this.#newest : ok(value, { confirmedAt: this.#home.clock.wall() }));
  }

  #tellBelievers(): void {
    const believers = this.#believers ?? [];
    this.#believers = undefined;
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
