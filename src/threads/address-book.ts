/** The worker side of addresses: one Var for each bound id that is in use, fed by the control thread. */
import type { AddressSet } from "../base/address.ts";
import { type AddressSetData, decodeAddresses } from "../base/address-data.ts";
import { type State, Var } from "../base/var.ts";
import { decodeState, type StateData } from "./codecs.ts";
import type { BindingRequest } from "./protocol.ts";

interface Entry {
  readonly id: number;
  /** The one whose tree named it last. */
  router: string;
  readonly path: string;
  readonly addresses: Var<AddressSet>;
  /** How many trees that somebody observes name it. */
  mentions: number;
  version: number;
  /** Feeds the Var while it is observed. */
  set: ((state: State<AddressSet>) => void) | undefined;
  isHeld: boolean;
}

/** While a tree names an id, or somebody observes its addresses, the id has the same Var: same id, same addresses. */
export class AddressBook {
  readonly #send: (request: BindingRequest) => void;
  readonly #nextId: () => number;
  readonly #byPath = new Map<string, Entry>();
  readonly #followed = new Map<number, Entry>();

  constructor(send: (request: BindingRequest) => void, nextId: () => number) {
    this.#send = send;
    this.#nextId = nextId;
  }

  /** Ids that are in use. */
  get size(): number {
    return this.#byPath.size;
  }

  addressesOf(router: string, path: string): Var<AddressSet> {
    return (this.#byPath.get(path) ?? this.#newEntry(router, path)).addresses;
  }

  /** A tree that names these is observed. */
  mention(router: string, paths: Iterable<string>): void {
    for (const path of paths) {
      const entry = this.#byPath.get(path) ?? this.#newEntry(router, path);
      this.#byPath.set(path, entry);
      entry.router = router;
      entry.mentions++;
    }
  }

  forget(paths: Iterable<string>): void {
    for (const path of paths) {
      const entry = this.#byPath.get(path);
      if (entry === undefined) continue;
      entry.mentions--;
      this.#prune(entry);
    }
  }

  hear(id: number, version: number, data: StateData<AddressSetData>): void {
    const entry = this.#followed.get(id);
    if (entry === undefined) return;
    entry.version = version;
    const state = decodeState(data, decodeAddresses);
    entry.isHeld = state.tag === "ok" && state.held !== undefined;
    entry.set?.(state);
  }

  /** Whether a loss of this id is held, as far as this side was told. */
  isHeld(path: string): boolean {
    return this.#byPath.get(path)?.isHeld ?? false;
  }

  /** To a control thread that knows nothing yet. */
  askAgain(): void {
    for (const entry of this.#followed.values()) this.#ask(entry);
  }

  #newEntry(router: string, path: string): Entry {
    const addresses = Var.source<AddressSet>((set) => this.#start(entry, set), { equals: (a, b) => a.equals(b) });
    const entry: Entry = {
      id: this.#nextId(),
      router,
      path,
      addresses,
      mentions: 0,
      version: 0,
      set: undefined,
      isHeld: false,
    };
    return entry;
  }

  #start(entry: Entry, set: (state: State<AddressSet>) => void): Disposable {
    entry.set = set;
    entry.version = 0;
    if (!this.#byPath.has(entry.path)) this.#byPath.set(entry.path, entry);
    this.#followed.set(entry.id, entry);
    this.#ask(entry);
    return { [Symbol.dispose]: () => this.#stop(entry) };
  }

  #stop(entry: Entry): void {
    entry.set = undefined;
    entry.isHeld = false;
    this.#followed.delete(entry.id);
    this.#send({ type: "unfollow", id: entry.id });
    this.#prune(entry);
  }

  #ask({ id, router, path, version }: Entry): void {
    this.#send({ type: "follow", id, router, path, version });
  }

  #prune(entry: Entry): void {
    if (entry.mentions > 0 || entry.set !== undefined) return;
    if (this.#byPath.get(entry.path) === entry) this.#byPath.delete(entry.path);
  }
}
