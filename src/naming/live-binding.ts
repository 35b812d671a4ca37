/** One name while it is observed: bound anew whenever anything changes that its last binding has read. */
import type { AddressSet } from "../base/address.ts";
import { Observing } from "../base/cell.ts";
import { pending, type State, type VarOptions } from "../base/var.ts";
import type { Surroundings } from "./bind.ts";
import type { Dtab } from "./dtab.ts";
import { Follows } from "./follows.ts";
import type { NameTree } from "./name-tree.ts";
import type { Candidate, NamerTable } from "./namer-table.ts";
import type { Bound, Name } from "./namer.ts";
import type { Path } from "./path.ts";
import type { SharedAddresses } from "./shared-addresses.ts";

/** What all names of an interpreter share. */
export interface LiveHome {
  readonly namers: NamerTable;
  readonly shared: SharedAddresses;
}

const PATIENCE = 4;

/**
 * What is known of a name, made anew, as a whole, whenever the dtab, which it observes, or anything that was read for it changes. There is one
 * for each route, so it keeps little.
 */
export abstract class LiveBinding<R> extends Observing<Dtab, R> implements Surroundings {
  readonly #home: LiveHome;
  /** What was looked up, and the ids of what was found: there is a space in the keys of look-ups, and in no id that is shown. */
  readonly #needs = new Follows<NameTree<Name>>(this);
  /** Only an explanation reads addresses. */
  #addresses: Follows<AddressSet> | undefined;
  #dtab: State<Dtab> = pending;
  #running = false;
  #outdated = false;
  /** Since the last binding. */
  #answers = 0;

  constructor(home: LiveHome, options: VarOptions<R>) {
    super(options);
    this.#home = home;
  }

  protected abstract evaluate(dtab: State<Dtab>): State<R>;

  /** Whether it lets answers come together: it may be behind by `PATIENCE` times as many as are still waited for. */
  protected get isPatient(): boolean {
    return false;
  }

  /** Of the base dtab. */
  hear(state: State<Dtab>): void {
    this.#dtab = state;
    this.#again();
  }

  candidates(path: Path): readonly Candidate[] {
    return this.#home.namers.candidates(path);
  }

  lookup(candidate: Candidate, path: Path): State<NameTree<Name>> {
    return this.#needs.read(`${candidate.key} ${path.show}`, () => candidate.lookup());
  }

  bound(candidate: Candidate, name: Bound): Bound {
    const id = candidate.idPrefix.concat(name.id);
    const addresses = this.#home.shared.share(id.show, name.addresses, this.#needs);
    const { residual, before } = name;
    return Object.freeze({ kind: "bound", id, addresses, residual, ...(before ? { before } : {}) });
  }

  addresses(bound: Bound): State<AddressSet> {
    this.#addresses ??= new Follows<AddressSet>(this);
    return this.#addresses.read(bound.id.show, () => bound.addresses);
  }

  /** Of what was read. */
  moved(): void {
    this.#answers++;
    // A whole walk after each of thousands of answers would take thousands of thousands of steps.
    const waiting = this.#needs.waiting + (this.#addresses?.waiting ?? 0);
    if (!this.isPatient || this.#answers >= waiting * PATIENCE) this.#again();
  }

  /** A change during a binding, or while its result is told, waits for its end. */
  #again(): void {
    this.#outdated = true;
    if (this.#running) return;
    this.#running = true;
    try {
      while (this.#outdated && this.of !== undefined) {
        this.#outdated = false;
        this.#run();
      }
    } finally {
      this.#running = false;
    }
  }

  #run(): void {
    this.#answers = 0;
    const state = this.evaluate(this.#dtab);
    if (this.of === undefined) return this.#letGo();
    this.#needs.sweep();
    this.#addresses?.sweep();
    this.say(state);
  }

  /** The Machine ends its source. */
  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#letGo();
  }

  #letGo(): void {
    this.#needs[Symbol.dispose]();
    this.#addresses?.[Symbol.dispose]();
  }
}
