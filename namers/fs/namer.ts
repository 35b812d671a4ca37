/** Names in a folder of service files, as they are now. */
import { join } from "node:path";
import {
  type AddressSet,
  addressKey,
  type Bound,
  type Instance,
  leaf,
  type Name,
  type NameTree,
  type Namer,
  neg,
  Path,
  type PluginContext,
  SharedSources,
  SourceGuard,
  type State,
  treeEquals,
  Var,
  WatchBook,
  type WatchView,
  withTrouble,
} from "linkspan/plugin";
import { FolderWatches, type FolderWatchTimes } from "./folder-watch.ts";
import { listNames } from "./listing.ts";
import { GuardedPlace } from "./guarded-place.ts";
import type { Seen } from "./place.ts";

export interface FsNamerOptions {
  /** An absolute path. */
  readonly root: string;
  readonly times?: FolderWatchTimes;
}

/** One watch a folder and one look at a file, however many observe it. */
export class FsNamer implements Namer {
  readonly #root: string;
  readonly #context: PluginContext;
  readonly #folders: FolderWatches;
  readonly #book: WatchBook;
  readonly #guard: SourceGuard;
  readonly #open = new Set<Disposable>();
  readonly #places: SharedSources<Seen>;

  constructor(options: FsNamerOptions, context: PluginContext) {
    this.#root = options.root;
    this.#context = context;
    this.#folders = new FolderWatches(context.clock, options.times);
    this.#book = new WatchBook(context);
    this.#guard = new SourceGuard(context.guard, context.clock, context.random, context.log);
    this.#places = new SharedSources<Seen>({ clock: context.clock });
  }

  lookup(path: Path): Var<NameTree<Name>> {
    return this.#walk(path, 1);
  }

  instances(path: Path): Var<readonly Instance[]> {
    return this.lookup(path).flatMap((tree) =>
      tree.tag === "leaf" && tree.value.kind === "bound"
        ? tree.value.addresses.map(toInstances)
        : Var.of<readonly Instance[]>([]),
    );
  }

  names(): Var<readonly Path[]> {
    return Var.source<readonly Path[]>((set) => this.#own(listNames(this.#root, this.#folders, set)), {
      clock: this.#context.clock,
      equals: (a, b) => a.length === b.length && a.every((each, at) => each.equals(b[at] ?? Path.empty)),
    });
  }

  watches(): readonly WatchView[] {
    return this.#book.views();
  }

  release(path: Path, why: "ordered" | "unreachable"): boolean {
    return why === "ordered" ? this.#guard.release(path.show) : this.#guard.unreachable(path.show);
  }

  /** How many folders the system watches for this namer. */
  get openFolders(): number {
    return this.#folders.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const each of this.#open) each[Symbol.dispose]();
    this.#guard[Symbol.dispose]();
    await this.#book[Symbol.asyncDispose]();
  }

  /** Element by element: a file binds what is left of the path as residual, a folder is walked into. */
  #walk(path: Path, depth: number): Var<NameTree<Name>> {
    const element = path.elems[depth - 1];
    if (element === undefined || !isFileName(element)) return Var.of<NameTree<Name>>(neg);
    const place = path.take(depth);
    const bound: Bound = { kind: "bound", id: place, addresses: this.#addresses(place), residual: path.drop(depth) };
    const file: Var<NameTree<Name>> = Var.of<NameTree<Name>>(leaf<Name>(bound));
    const missing: Var<NameTree<Name>> = Var.of<NameTree<Name>>(neg);
    let deeper: Var<NameTree<Name>> | undefined;
    return this.#seen(place)
      .map((seen) => seen.kind)
      .flatMap(
        (kind) => {
          if (kind === "missing") return missing;
          if (kind === "file") return file;
          deeper ??= this.#walk(path, depth + 1);
          return deeper;
        },
        { equals: treeEquals },
      );
  }

  #addresses(place: Path): Var<AddressSet> {
    return Var.source<AddressSet>(
      (set) =>
        this.#seen(place).observe((state) => {
          if (state.tag === "failed") set(state);
          else if (state.tag === "ok" && state.value.kind === "file") set(withTrouble(state.value.content, state));
        }),
      { clock: this.#context.clock, equals: (a, b) => a.equals(b) },
    );
  }

  #seen(place: Path): Var<Seen> {
    return this.#places.of(place.show, (set) => this.#own(this.#follow(place, set)));
  }

  #follow(place: Path, set: (state: State<Seen>) => void): Disposable {
    return new GuardedPlace({
      name: place.show,
      root: this.#root,
      file: join(this.#root, ...place.elems.map((element) => Buffer.from(element, "latin1").toString("utf8"))),
      folders: this.#folders,
      clock: this.#context.clock,
      guard: this.#guard,
      page: this.#book.open(place.show),
      tell: set,
    });
  }

  #own(resource: Disposable): Disposable {
    this.#open.add(resource);
    return {
      [Symbol.dispose]: () => {
        if (this.#open.delete(resource)) resource[Symbol.dispose]();
      },
    };
  }
}

const isFileName = (element: string): boolean =>
  element !== "." && element !== ".." && !element.includes("/") && !element.includes("\0");

const toInstances = (set: AddressSet): readonly Instance[] =>
  set.addresses.map((address) => ({
    id: addressKey(address),
    host: address.host,
    port: address.port,
    weight: address.weight,
    ready: true,
  }));
