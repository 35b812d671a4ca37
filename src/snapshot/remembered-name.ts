/** What one name stands for: as the registry says, or as it was remembered while that cannot be asked. */
import { joinAs, Observer } from "../base/observer.ts";
import type { Clock } from "../base/time.ts";
import { failed, ok, type Ok, type State, type Var } from "../base/var.ts";
import { leaves, mapLeaves, type NameTree } from "../naming/name-tree.ts";
import type { Name, WatchView } from "../naming/namer.ts";
import type { Path } from "../naming/path.ts";
import type { Outlet } from "../naming/shared-sources.ts";
import { type KnownName, nameData, type NamerMemory, recallName, forgetName } from "./memory.ts";
import { PATIENCE_MS, unanswered } from "./patience.ts";
import type { RememberedAddresses } from "./remembered-addresses.ts";
import { viewOf } from "./view.ts";

/** What all names of a namer share. */
export interface NamesHome {
  readonly memory: NamerMemory;
  readonly clock: Clock;
  /** The one of that id; it is used until it is released. */
  use(id: Path): RememberedAddresses;
  /** Nobody observes the name any more. */
  gone(name: RememberedName): void;
}

export interface RememberedNameParts {
  readonly path: Path;
  readonly source: Var<NameTree<Name>>;
  readonly outlet: Outlet<NameTree<Name>>;
}

/** `recalled`: what was remembered is told. `held`: the source knows no such name, and that is not believed yet. */
type Phase = "unknown" | "recalled" | "held" | "settled";

/** Of each id one; nearly all names have one. */
type Slots = readonly RememberedAddresses[];
const NO_SLOTS: Slots = [];

/** One a name, for as long as somebody observes it. */
export class RememberedName extends Observer<NameTree<Name>> {
  readonly path: Path;
  readonly #home: NamesHome;
  readonly #outlet: Outlet<NameTree<Name>>;
  #patience: Disposable | undefined;
  #phase: Phase = "unknown";
  #slots = NO_SLOTS;
  #tree: NameTree<Name> | undefined;
  /** What the source says while that is held back. */
  #withheld: Ok<NameTree<Name>> | undefined;
  #view: WatchView;
  #isOver = false;

  constructor({ path, source, outlet }: RememberedNameParts, home: NamesHome) {
    super();
    this.path = path;
    this.#home = home;
    this.#outlet = outlet;
    this.#view = { name: path.show, state: "pending" };
    joinAs(source, this);
    if (this.#phase === "unknown") {
      this.#patience = home.clock.timer(PATIENCE_MS, () => {
        if (this.#phase === "unknown") this.#recall(unanswered);
      });
    }
  }

  /** Another source speaks of the name from now on; what is known stays until it does. */
  follow(source: Var<NameTree<Name>>): void {
    this.of?.leave(this);
    joinAs(source, this);
  }

  /** For namers that have no views of their own. */
  view(): WatchView {
    return this.#view;
  }

  override [Symbol.dispose](): void {
    this.#isOver = true;
    this.#patience?.[Symbol.dispose]();
    super[Symbol.dispose]();
    if (this.#phase === "settled") this.#date(this.#home.clock.wall());
    for (const slot of this.#slots) slot.release();
    this.#home.gone(this);
  }

  /** Of a source. */
  hear(state: State<NameTree<Name>>): void {
    if (state.tag === "pending") return;
    if (state.tag === "failed") return this.#failed(state.cause);
    if (this.#phase !== "recalled" && this.#phase !== "held") return this.#settle(state);
    if (state.stale) return this.#failed(state.stale.cause);
    this.#judge(state);
  }

  #failed(cause: Error): void {
    for (const slot of this.#slots) slot.detached(cause);
    if (this.#phase === "unknown" && this.#recall(cause)) return;
    if (this.#phase === "settled") this.#date(this.#home.clock.wall());
    this.#tell(failed(cause));
  }

  #recall(cause: Error): boolean {
    const { memory, clock } = this.#home;
    const found = recallName(this.path, memory, clock.wall());
    if (found === undefined) return false;
    this.#phase = "recalled";
    this.#tree = this.#through(found.value, (slot) => slot.detached(cause));
    this.#tell(ok(this.#tree, { stale: { since: found.at, cause } }));
    return true;
  }

  /** What is left of a name that was remembered decides: another id takes its place at once, nothing at all may be a loss. */
  #judge(state: Ok<NameTree<Name>>): void {
    const isGone = leaves(state.value).length === 0;
    const believed = (): void => this.#believe();
    const held = isGone && this.#slots.filter((slot) => slot.withdraw(believed));
    if (!held || held.length === 0 || this.#tree === undefined) return this.#settle(state);
    this.#withheld = state;
    this.#phase = "held";
    const about = held[0]?.held;
    this.#tell(ok(this.#tree, about ? { held: about } : {}));
  }

  #believe(): void {
    const withheld = this.#withheld;
    if (this.#isOver || this.#phase !== "held" || withheld === undefined) return;
    if (this.#slots.some((slot) => slot.isWithdrawn)) return;
    this.#settle(withheld);
  }

  #settle(state: Ok<NameTree<Name>>): void {
    const { path } = this;
    const { memory } = this.#home;
    this.#patience?.[Symbol.dispose]();
    this.#patience = undefined;
    this.#phase = "settled";
    this.#withheld = undefined;
    const tree = this.#through(state.value);
    if (leaves(tree).length === 0) forgetName(path, memory);
    else if (state.stale) this.#date(state.stale.since);
    else memory.names.remember(path.show, nameData(tree));
    this.#tree = tree;
    this.#tell({ ...state, value: tree });
  }

  /** The tree with the addresses of each id as they are kept here; what it does not name is let go. */
  #through(tree: NameTree<KnownName>, found: (slot: RememberedAddresses) => void = () => undefined): NameTree<Name> {
    let slots = NO_SLOTS;
    const kept = mapLeaves(tree, (name): Name => {
      if (name.kind !== "bound") return name;
      const { id } = name;
      const known = slots.find((each) => each.id.equals(id));
      const slot = known ?? this.#home.use(id);
      // `concat` leaves no room that nobody asked for.
      if (known === undefined) slots = slots.concat(slot);
      if (name.addresses !== undefined) slot.attach(name.addresses);
      found(slot);
      return Object.freeze({ kind: "bound", id, addresses: slot, residual: name.residual });
    });
    for (const slot of this.#slots) slot.release();
    this.#slots = slots;
    return kept;
  }

  #date(at: number): void {
    this.#home.memory.names.date(this.path.show, at);
  }

  #tell(state: State<NameTree<Name>>): void {
    this.#view = viewOf(this.path.show, state, this.#view, this.#home.clock.wall());
    this.#outlet.say(state);
  }
}
