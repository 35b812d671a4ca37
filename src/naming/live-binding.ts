/** One name while it is observed: bound anew whenever anything changes that its last binding has read. */
import type { AddressSet } from "../base/address.ts";
import { joinAs, Observer } from "../base/observer.ts";
import { pending, type State, type Var } from "../base/var.ts";
import type { Surroundings } from "./bind.ts";
import type { Dtab } from "./dtab.ts";
import { Follows } from "./follows.ts";
import type { NameTree } from "./name-tree.ts";
import type { Candidate, NamerTable } from "./namer-table.ts";
import type { Bound, Name } from "./namer.ts";
import type { Path } from "./path.ts";
import type { AddressLease } from "./shared-addresses.ts";

/** What is computed of a name, and where it goes. */
export interface LiveHost<R> {
  evaluate(dtab: State<Dtab>, around: Surroundings): State<R>;
  /** Whether it lets answers come together: it may be behind by `PATIENCE` times as many as are still waited for. */
  readonly isPatient: boolean;
  /** Not called after the end. */
  bound(state: State<R>): void;
}

const PATIENCE = 4;

/** Binds anew, as a whole, whenever the dtab, which it observes, or anything that the last binding has read changes. */
export class LiveBinding<R> extends Observer<Dtab> implements Surroundings {
  readonly #namers: NamerTable;
  readonly #lease: AddressLease;
  readonly #host: LiveHost<R>;
  readonly #lookups = new Follows<NameTree<Name>>(this);
  /** Only an explanation reads addresses. */
  #addresses: Follows<AddressSet> | undefined;
  #dtab: State<Dtab> = pending;
  #running = false;
  #outdated = false;
  #done = false;
  /** Since the last binding. */
  #answers = 0;

  constructor(base: Var<Dtab>, host: LiveHost<R>, namers: NamerTable, lease: AddressLease) {
    super();
    this.#namers = namers;
    this.#lease = lease;
    this.#host = host;
    joinAs(base, this);
  }

  /** Of the base dtab. */
  hear(state: State<Dtab>): void {
    this.#dtab = state;
    this.#again();
  }

  candidates(path: Path): readonly Candidate[] {
    return this.#namers.candidates(path);
  }

  lookup(candidate: Candidate, path: Path): State<NameTree<Name>> {
    return this.#lookups.read(`${candidate.key} ${path.show}`, () => candidate.lookup());
  }

  bound(candidate: Candidate, name: Bound): Bound {
    const id = candidate.idPrefix.concat(name.id);
    const addresses = this.#lease.share(id.show, name.addresses);
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
    const waiting = this.#lookups.waiting + (this.#addresses?.waiting ?? 0);
    if (!this.#host.isPatient || this.#answers >= waiting * PATIENCE) this.#again();
  }

  /** A change during a binding, or while its result is told, waits for its end. */
  #again(): void {
    this.#outdated = true;
    if (this.#running) return;
    this.#running = true;
    try {
      while (this.#outdated && !this.#done) {
        this.#outdated = false;
        this.#run();
      }
    } finally {
      this.#running = false;
    }
  }

  #run(): void {
    this.#answers = 0;
    const state = this.#host.evaluate(this.#dtab, this);
    this.#lookups.sweep();
    this.#addresses?.sweep();
    this.#lease.sweep();
    if (!this.#done) this.#host.bound(state);
  }

  override [Symbol.dispose](): void {
    this.#done = true;
    super[Symbol.dispose]();
    this.#lookups[Symbol.dispose]();
    this.#addresses?.[Symbol.dispose]();
    this.#lease[Symbol.dispose]();
  }
}
