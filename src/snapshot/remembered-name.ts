/** What one name stands for: as the registry says, or as it was remembered while that cannot be asked. */
import { Observing } from "../base/cell.ts";
import { joinAs } from "../base/observer.ts";
import type { Clock } from "../base/time.ts";
import { failed, ok, type Ok, type State, type Var } from "../base/var.ts";
import { leaves, mapLeaves, type NameTree, neg } from "../naming/name-tree.ts";
import type { Bound, Name, WatchView } from "../naming/namer.ts";
import type { Path } from "../naming/path.ts";
import { type KnownName, type NamerMemory, recallName, forgetName } from "./memory.ts";
import { PATIENCE_MS, unanswered } from "./patience.ts";
import type { RememberedAddresses } from "./remembered-addresses.ts";
import { viewOf } from "./view.ts";

/** What all names of a namer share. */
export interface NamesHome {
  readonly memory: NamerMemory;
  readonly clock: Clock;
  readonly equals: (a: NameTree<Name>, b: NameTree<Name>) => boolean;
  /** Those that are observed, by path. */
  readonly live: Map<string, RememberedName>;
  /** What the namer says of it. */
  source(path: Path): Var<NameTree<Name>>;
  /** The one of that id; it is used until it is released. */
  use(id: Path): RememberedAddresses;
}

/** A name as it is told here: of each id there is one that remembers its addresses. */
type KeptName = Exclude<Name, Bound> | (Bound & { readonly addresses: RememberedAddresses });

/** `recalled`: what was remembered is told. `held`: the source knows no such name, and that is not believed yet. */
type Phase = "unknown" | "recalled" | "held" | "settled";

/** One a name, for as long as somebody observes it. */
export class RememberedName extends Observing<NameTree<Name>, NameTree<Name>> {
  readonly path: Path;
  readonly #home: NamesHome;
  #patience: Disposable | undefined;
  #phase: Phase = "unknown";
  /** What was told last; each id in it is in use. */
  #tree: NameTree<KeptName> = neg;
  /** What the source says while that is held back. */
  #withheld: Ok<NameTree<Name>> | undefined;
  /** Since when nothing is known, and that because it could not be asked. */
  #failedSince: number | undefined;

  constructor(path: Path, home: NamesHome) {
    super(home);
    this.path = path;
    this.#home = home;
  }

  protected start(): Disposable {
    const { live, clock } = this.#home;
    const source = this.#home.source(this.path);
    live.set(this.path.show, this);
    this.listenTo(source);
    if (this.#phase === "unknown") {
      this.#patience ??= clock.timer(PATIENCE_MS, () => {
        if (this.#phase === "unknown") this.#recall(unanswered);
      });
    }
    return this;
  }

  /** Another source speaks of the name from now on; what is known stays until it does. */
  follow(source: Var<NameTree<Name>>): void {
    this.of?.leave(this);
    joinAs(source, this);
  }

  /** For namers that have no views of their own. */
  view(): WatchView {
    const name = this.path.show;
    const view = viewOf(name, this.sample(), { name, state: "pending" }, this.clock.wall());
    return this.#failedSince === undefined ? view : { ...view, since: this.#failedSince };
  }

  /** The Machine ends its source. */
  override [Symbol.dispose](): void {
    const { live } = this.#home;
    if (live.get(this.path.show) === this) live.delete(this.path.show);
    this.#patience?.[Symbol.dispose]();
    this.#patience = undefined;
    super[Symbol.dispose]();
    if (this.#phase === "settled") this.#date(this.clock.wall());
    this.#phase = "unknown";
    this.#withheld = undefined;
    this.#keep(neg);
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
    for (const slot of slotsOf(this.#tree)) slot.detached(cause);
    if (this.#phase === "unknown" && this.#recall(cause)) return;
    if (this.#phase === "settled") this.#date(this.clock.wall());
    if (this.sample().tag !== "ok") this.#failedSince ??= this.clock.wall();
    this.say(failed(cause));
  }

  #recall(cause: Error): boolean {
    const { memory, clock } = this.#home;
    const found = recallName(this.path, memory, clock.wall());
    if (found === undefined) return false;
    this.#phase = "recalled";
    this.#keep(this.#through(found.value, (slot) => slot.detached(cause)));
    this.#tell(ok(this.#tree, { stale: { since: found.at, cause } }));
    return true;
  }

  /** What is left of a name that was remembered decides: another id takes its place at once, nothing at all may be a loss. */
  #judge(state: Ok<NameTree<Name>>): void {
    const isGone = leaves(state.value).length === 0;
    const believed = (): void => this.#believe();
    const held = isGone ? [...new Set(slotsOf(this.#tree))].filter((slot) => slot.withdraw(believed)) : [];
    if (held.length === 0) return this.#settle(state);
    this.#withheld = state;
    this.#phase = "held";
    const about = held[0]?.held;
    this.#tell(ok(this.#tree, about ? { held: about } : {}));
  }

  #believe(): void {
    const withheld = this.#withheld;
    if (this.#phase !== "held" || withheld === undefined) return;
    if (slotsOf(this.#tree).some((slot) => slot.isWithdrawn)) return;
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
    else memory.names.remember(path.show, tree);
    this.#keep(tree);
    this.#tell({ ...state, value: tree });
  }

  /** The tree with the addresses of each id as they are kept here, each in use once more. */
  #through(
    tree: NameTree<KnownName>,
    found: (slot: RememberedAddresses) => void = () => undefined,
  ): NameTree<KeptName> {
    return mapLeaves(tree, (name): KeptName => {
      if (name.kind !== "bound") return name;
      const { id, residual } = name;
      const addresses = this.#home.use(id);
      if (name.addresses !== undefined) addresses.attach(name.addresses);
      found(addresses);
      return Object.freeze({ kind: "bound", id, addresses, residual });
    });
  }

  /** What the tree before names, and this one does not, is let go. */
  #keep(tree: NameTree<KeptName>): void {
    const before = this.#tree;
    this.#tree = tree;
    for (const slot of slotsOf(before)) slot.release();
  }

  #date(at: number): void {
    this.#home.memory.names.date(this.path.show, at);
  }

  #tell(state: Ok<NameTree<Name>>): void {
    this.#failedSince = undefined;
    this.say(state);
  }
}

/** Of all leaves, as often as they name it. */
function slotsOf(tree: NameTree<KeptName>): readonly RememberedAddresses[] {
  return leaves(tree).flatMap((name) => (name.kind === "bound" ? [name.addresses] : []));
}
