/** Names that are nodes with members below them, found by trying ever shorter beginnings of a path. */
import {
  failed,
  type Instance,
  type Name,
  type NameTree,
  type Namer,
  neg,
  ok,
  type OtherClients,
  type Path,
  type PluginContext,
  Var,
  type WatchView,
} from "linkspan/plugin";
import type { ZkOptions } from "./client.ts";
import { GroupList } from "./group-list.ts";
import { MemberSources } from "./member-sources.ts";
import type { NodeKind } from "./node-kind.ts";
import { nodePathOf } from "./node-names.ts";
import type { MemberPlace } from "./node-service.ts";

/** A kind of groups. */
export interface Groups<T> {
  /** How their nodes are read. */
  readonly kind: NodeKind<T>;
  /** How many elements a path has at least. */
  readonly least: 0 | 1;
  /** Whether only all of a path can be a name, and no beginning of it. */
  readonly isWholePath?: boolean;
  /** Where the group of this name is; `undefined` where there can be none of that name. */
  placeOf(id: Path): MemberPlace<T> | undefined;
}

/** Longer ones are not tried: each takes a watch, and paths are made of what callers send. */
const MOST_ELEMENTS = 32;

/** One session for all names; one watch a node, however many names and observers it has. */
export class GroupNamer<T> implements Namer {
  readonly #groups: Groups<T>;
  readonly #sources: MemberSources<T>;

  /** Throws an Error that says what is wrong with the options. Connects when a name is first observed. */
  constructor(groups: Groups<T>, options: ZkOptions, context: PluginContext) {
    this.#groups = groups;
    this.#sources = new MemberSources(groups.kind, options, context);
  }

  lookup(path: Path): Var<NameTree<Name>> {
    return this.#longest(path, Math.min(path.size, MOST_ELEMENTS));
  }

  instances(path: Path): Var<readonly Instance[]> {
    const place = this.#placeOf(path);
    const { services } = this.#sources;
    return place ? services.instances(path, this.#sources.at(place)) : Var.of<readonly Instance[]>([]);
  }

  names(): Var<readonly Path[]> {
    return this.#sources.names(
      (world, set) =>
        new GroupList({
          ...world,
          heard: (paths) => set(ok(paths.filter((path) => this.#placeOf(path)?.path === nodePathOf(path)))),
          failed: (cause) => set(failed(cause)),
        }),
    );
  }

  watches(): readonly WatchView[] {
    return this.#sources.services.watches();
  }

  release(path: Path, why: "ordered" | "unreachable"): boolean {
    return this.#sources.services.release(path, why);
  }

  otherClients(signal: AbortSignal): Promise<OtherClients> {
    return this.#sources.otherClients("/", signal);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#sources[Symbol.asyncDispose]();
  }

  /** Stays live: what appears where nothing was takes over, and what vanishes gives way. */
  #longest(path: Path, size: number): Var<NameTree<Name>> {
    if (size < this.#groups.least) return Var.of<NameTree<Name>>(neg);
    const shorter = (): Var<NameTree<Name>> =>
      this.#groups.isWholePath === true ? Var.of<NameTree<Name>>(neg) : this.#longest(path, size - 1);
    const id = path.take(size);
    const residual = path.drop(size);
    const place = this.#placeOf(id);
    if (!place) return shorter();
    const found = this.#sources.services.tree(id, residual, this.#sources.at(place));
    const tree = found.flatMap((each) => (each.tag === "neg" ? shorter() : Var.of(each)));
    return Var.source<NameTree<Name>>((set) => {
      const following = tree.observe(set);
      const ready = whileHeld(found, shorter);
      return {
        [Symbol.dispose]: () => {
          ready[Symbol.dispose]();
          following[Symbol.dispose]();
        },
      };
    });
  }

  #placeOf(id: Path): MemberPlace<T> | undefined {
    return id.size < this.#groups.least ? undefined : this.#groups.placeOf(id);
  }
}

/** Keeps `other` known while the guard holds `name`, so that it can take over at the very moment the loss is believed. */
function whileHeld<T>(name: Var<T>, other: () => Var<T>): Disposable {
  let known: Disposable | undefined;
  const watching = name.observe((state) => {
    const isHeld = state.tag === "ok" && state.held !== undefined;
    if (isHeld) known ??= other().observe(() => undefined);
    if (isHeld || known === undefined) return;
    known[Symbol.dispose]();
    known = undefined;
  });
  return {
    [Symbol.dispose]: () => {
      watching[Symbol.dispose]();
      known?.[Symbol.dispose]();
    },
  };
}
