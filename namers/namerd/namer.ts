/** Names as a namerd binds them: each is followed by a stream, and so are the addresses of each bound id. */
import {
  type AddressSet,
  GuardedServices,
  leaf,
  type Name,
  type NameTree,
  type Namer,
  type Path,
  type PluginContext,
  Scope,
  type ServiceReading,
  type ServiceSource,
  SharedAddresses,
  SharedSources,
  SourceGuard,
  type State,
  Var,
  WatchBook,
  type WatchView,
} from "linkspan/plugin";
import { type AskedName, askedName } from "./asked-path.ts";
import { readAddresses, readTree } from "./documents.ts";
import { FollowedTree } from "./followed-tree.ts";
import type { NamerdServer } from "./server.ts";
import { apiPath, askOnce, followStream } from "./stream.ts";

export interface NamerdNamerOptions {
  /** It closes it. */
  readonly server: NamerdServer;
  readonly namespace: string;
  readonly retry: { readonly minMs: number; readonly maxMs: number };
}

const NONE: ServiceReading = { members: undefined };

/** Paths are those of `pathOf`, and bound ids; the ids that it gives are whole. */
export class NamerdNamer implements Namer {
  readonly #options: NamerdNamerOptions;
  readonly #context: PluginContext;
  readonly #scope = new Scope();
  readonly #services: GuardedServices;
  readonly #book: WatchBook;
  readonly #guard: SourceGuard;
  readonly #trees: SharedSources<NameTree<Name>>;
  readonly #shared = new SharedAddresses();

  constructor(options: NamerdNamerOptions, context: PluginContext) {
    const { clock, random, log, guard } = context;
    this.#options = options;
    this.#context = context;
    this.#scope.own(options.server);
    this.#services = this.#scope.own(new GuardedServices(context));
    this.#book = this.#scope.own(new WatchBook(context));
    this.#guard = this.#scope.own(new SourceGuard(guard, clock, random, log));
    this.#trees = new SharedSources({ clock });
  }

  lookup(path: Path): Var<NameTree<Name>> {
    const asked = askedName(path);
    if (asked === undefined) {
      return Var.of(
        leaf<Name>({ kind: "bound", id: path, addresses: this.#addresses(path), residual: path.drop(path.size) }),
      );
    }
    return this.#trees.of(path.show, (set) => this.#services.own(this.#follow(path.show, asked, set)));
  }

  watches(): readonly WatchView[] {
    return [...this.#book.views(), ...this.#services.watches()];
  }

  release(path: Path, why: "ordered" | "unreachable"): boolean {
    const isName = why === "ordered" && this.#guard.release(path.show);
    return this.#services.release(path, why) || isName;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }

  #follow(name: string, asked: AskedName, set: (state: State<NameTree<Name>>) => void): Disposable {
    const { server, namespace } = this.#options;
    const query = { path: asked.name.show, ...(asked.dtab === "" ? {} : { dtab: asked.dtab }) };
    const path = apiPath("bind", namespace, query);
    return new FollowedTree({
      name,
      guard: this.#guard,
      page: this.#book.open(name),
      shared: this.#shared,
      follow: (hear) => this.#stream(path, readTree, hear),
      look: async (signal) => readTree(await askOnce(server, path, signal, true)),
      addresses: (id) => this.#addresses(id),
      set,
    });
  }

  #addresses(id: Path): Var<AddressSet> {
    const { server, namespace } = this.#options;
    const path = apiPath("addr", namespace, { path: id.show });
    const source: ServiceSource = {
      follow: (listener) =>
        this.#stream(path, readAddresses, (state) => {
          if (state.tag === "ok") listener.heard(state.value);
          else if (state.tag === "failed") listener.failed(state.cause);
        }),
      confirm: async (signal) => readAddresses(await askOnce(server, path, signal, true)) ?? NONE,
    };
    return this.#services.service(id, source).map(({ addresses }) => addresses, { equals: (a, b) => a.equals(b) });
  }

  #stream<T>(path: string, read: (document: unknown) => T | undefined, set: (state: State<T>) => void): Disposable {
    const { server, retry } = this.#options;
    const { clock, random } = this.#context;
    return followStream({ server, path, read, set, retry, clock, random });
  }
}
