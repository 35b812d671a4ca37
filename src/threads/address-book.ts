/** The worker side of addresses: one Var for each bound id that is in use, fed by the control thread. */
import { AddressSet } from "../base/address.ts";
import { type AddressChangesData, type AddressSetData, decodeAddresses, decodeChanges } from "../base/address-data.ts";
import { Machine } from "../base/cell.ts";
import { SharedRecords } from "../base/shared-records.ts";
import type { Var } from "../base/var.ts";
import { decodeState, type StateData } from "./codecs.ts";
import type { BindingRequest } from "./protocol.ts";

type ToldAddresses = StateData<AddressSetData | AddressChangesData>;

interface Book {
  /** Of the addresses of all ids. */
  readonly metas: SharedRecords;
  started(entry: Entry): void;
  stopped(entry: Entry): void;
}

const options = { equals: AddressSet.same };

/** The addresses of one id, asked for while they are observed. */
class Entry extends Machine<AddressSet> implements Disposable {
  readonly id: number;
  /** The one whose tree named it last. */
  router: string;
  readonly path: string;
  readonly #book: Book;
  /** How many trees that somebody observes name it. */
  mentions = 0;
  version = 0;
  isObserved = false;

  constructor(id: number, router: string, path: string, book: Book) {
    super(options);
    this.id = id;
    this.router = router;
    this.path = path;
    this.#book = book;
  }

  /** False where something was missed: then the whole has to be asked for again. */
  hear(version: number, data: ToldAddresses): boolean {
    const told = this.#known;
    const isOfChanges = data.tag === "ok" && !("addresses" in data.value);
    if (isOfChanges && (told === undefined || version !== this.version + 1)) return false;
    const state = decodeState(data, (value) => {
      const { of: share } = this.#book.metas;
      const set =
        "addresses" in value ? decodeAddresses(value, share) : decodeChanges(value, told as AddressSet, share);
      // Most names are not called most of the time, and then all that is known of them is here.
      return set.packed();
    });
    this.version = version;
    this.say(state);
    return true;
  }

  /** Whether a loss is held back, as far as this side was told. */
  get isHeld(): boolean {
    const state = this.sample();
    return state.tag === "ok" && state.held !== undefined;
  }

  /** What was told last, which changes are told of. */
  get #known(): AddressSet | undefined {
    const state = this.sample();
    return state.tag === "ok" ? state.value : undefined;
  }

  protected start(): Disposable {
    this.isObserved = true;
    this.version = 0;
    this.#book.started(this);
    return this;
  }

  /** The Machine ends its source. */
  [Symbol.dispose](): void {
    this.isObserved = false;
    this.#book.stopped(this);
  }
}

/** While a tree names an id, or somebody observes its addresses, the id has the same Var: same id, same addresses. */
export class AddressBook implements Book {
  readonly metas = new SharedRecords();
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
    return this.#byPath.get(path) ?? this.#newEntry(router, path);
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

  hear(id: number, version: number, data: ToldAddresses): void {
    const entry = this.#followed.get(id);
    if (entry?.hear(version, data) === false) this.#ask(entry);
  }

  /** Whether a loss of this id is held, as far as this side was told. */
  isHeld(path: string): boolean {
    return this.#byPath.get(path)?.isHeld ?? false;
  }

  /** To a control thread that knows nothing yet. */
  askAgain(): void {
    for (const entry of this.#followed.values()) this.#ask(entry);
  }

  started(entry: Entry): void {
    if (!this.#byPath.has(entry.path)) this.#byPath.set(entry.path, entry);
    this.#followed.set(entry.id, entry);
    this.#ask(entry);
  }

  stopped(entry: Entry): void {
    this.#followed.delete(entry.id);
    this.#send({ type: "unfollow", id: entry.id });
    this.#prune(entry);
  }

  #newEntry(router: string, path: string): Entry {
    return new Entry(this.#nextId(), router, path, this);
  }

  #ask({ id, router, path, version }: Entry): void {
    this.#send({ type: "follow", id, router, path, version });
  }

  #prune(entry: Entry): void {
    if (entry.mentions > 0 || entry.isObserved) return;
    if (this.#byPath.get(entry.path) === entry) this.#byPath.delete(entry.path);
  }
}
