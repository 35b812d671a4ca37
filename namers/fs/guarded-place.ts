/** A place whose service file cannot lose what it said because it was cut short or emptied by accident. */
import {
  type Address,
  addressKey,
  AddressSet,
  type Guarded,
  type NameGuard,
  ok,
  type SourceGuard,
  type State,
  type WatchPage,
} from "linkspan/plugin";
import { Place, type PlaceOptions, readPlace, type Seen } from "./place.ts";

export interface GuardedPlaceOptions extends PlaceOptions {
  readonly name: string;
  readonly guard: SourceGuard;
  readonly page: WatchPage;
}

export class GuardedPlace implements Disposable {
  readonly #options: GuardedPlaceOptions;
  readonly #guard: NameGuard<Address>;
  readonly #place: Place;
  #kind: "missing" | "folder" = "missing";

  constructor(options: GuardedPlaceOptions) {
    this.#options = options;
    const { guard, name, file, clock } = options;
    this.#guard = guard.name<Address>(
      name,
      (guarded) => this.#publish(guarded),
      async () => ({ members: membersOf(await readPlace(file)) }),
    );
    this.#place = new Place({ ...options, clock, tell: (state) => this.#saw(state) });
  }

  [Symbol.dispose](): void {
    this.#place[Symbol.dispose]();
    this.#guard[Symbol.dispose]();
    this.#options.page[Symbol.dispose]();
  }

  /** Whoever deletes or edits a file means it; only what a file lost by being cut short is for the guard. */
  #saw(state: State<Seen>): void {
    if (state.tag !== "ok") return this.#tell(state, state);
    const seen = state.value;
    if (seen.kind !== "file") {
      this.#kind = seen.kind;
      return this.#guard.offer(undefined, "all");
    }
    if (seen.content.tag !== "ok") return this.#tell(state, seen.content);
    this.#guard.offer(membersOf(seen.content.value), seen.isLoss === true ? undefined : "all");
  }

  #publish({ members, held }: Guarded<Address>): void {
    if (!members) return this.#tell(ok<Seen>({ kind: this.#kind }), ok(0), 0);
    const about = { confirmedAt: this.#options.clock.wall(), ...(held ? { held } : {}) };
    const content = ok(AddressSet.of(members.values()), about);
    this.#tell(ok<Seen>({ kind: "file", content }), content, members.size);
  }

  #tell(state: State<Seen>, page: State<unknown>, endpoints?: number): void {
    this.#options.page.tell(page, endpoints);
    this.#options.tell(state);
  }
}

const membersOf = (set: AddressSet): ReadonlyMap<string, Address> =>
  new Map(set.addresses.map((address) => [addressKey(address), address]));
