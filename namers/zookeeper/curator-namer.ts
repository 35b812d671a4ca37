/** Names in a Curator service discovery: `<base>/<service>/<instance>`. */
import {
  type AddressSet,
  type Counter,
  failed,
  type Instance,
  leaf,
  type MetricSpec,
  type Name,
  type NameTree,
  type Namer,
  neg,
  ok,
  Path,
  type PluginContext,
  Scope,
  SharedSources,
  SourceGuard,
  type State,
  Var,
  WatchBook,
  type WatchView,
} from "linkspan/plugin";
import { CuratorReader } from "./curator-reader.ts";
import { CuratorService, type ServiceSnapshot } from "./curator-service.ts";
import type { ZkOptions } from "./client.ts";
import { join, NodeMirror } from "./node-mirror.ts";
import { ZkSource } from "./zk-source.ts";

export const UNREADABLE: MetricSpec = {
  name: "linkspan_refused_instances_total",
  type: "counter",
  help: "Entries of a registry that could not be read as an instance.",
  labels: ["namer"],
};

export interface CuratorNamerOptions extends ZkOptions {
  /** Absolute; `/` or without a slash at its end. */
  readonly basePath: string;
  readonly port: "sslPort" | "port";
  readonly useDisabled: boolean;
  /** Whether a service without instances is bound to nobody, as Linkerd 1 did, and not `neg`. */
  readonly bindEmpty: boolean;
}

/** One session for all names; one watch a service, however many observe it. */
export class CuratorNamer implements Namer {
  readonly #options: CuratorNamerOptions;
  readonly #context: PluginContext;
  readonly #scope = new Scope();
  readonly #source: ZkSource;
  readonly #book: WatchBook;
  readonly #guard: SourceGuard;
  readonly #unreadable: Counter;
  readonly #services: SharedSources<ServiceSnapshot>;
  readonly #open = new Set<Disposable>();

  /** Throws an Error that says what is wrong with the options. Connects when a name is first observed. */
  constructor(options: CuratorNamerOptions, context: PluginContext) {
    this.#options = options;
    this.#context = context;
    this.#source = this.#scope.own(new ZkSource(options, context));
    this.#book = this.#scope.own(new WatchBook(context));
    this.#guard = this.#scope.own(new SourceGuard(context.guard, context.clock, context.random, context.log));
    this.#unreadable = context.metrics.counter(UNREADABLE, { namer: context.label }, this.#scope);
    this.#services = new SharedSources({ clock: context.clock });
    this.#scope.defer(() => this.#open.forEach((each) => each[Symbol.dispose]()));
  }

  lookup(path: Path): Var<NameTree<Name>> {
    const element = path.elems[0];
    if (element === undefined || !isNodeName(element)) return Var.of<NameTree<Name>>(neg);
    const id = path.take(1);
    const residual = path.drop(1);
    const present = this.#addresses(id);
    return Var.presence(present).map<NameTree<Name>>((addresses) =>
      addresses ? leaf<Name>({ kind: "bound", id, addresses, residual }) : neg,
    );
  }

  instances(path: Path): Var<readonly Instance[]> {
    const element = path.elems[0];
    if (element === undefined || !isNodeName(element)) return Var.of<readonly Instance[]>([]);
    return this.#service(path.take(1)).map((snapshot) => snapshot.instances, { equals: sameInstances });
  }

  names(): Var<readonly Path[]> {
    return Var.source<readonly Path[]>((set) => this.#own(this.#list(set)), {
      clock: this.#context.clock,
      equals: (a, b) => a.map((each) => each.show).join() === b.map((each) => each.show).join(),
    });
  }

  watches(): readonly WatchView[] {
    return this.#book.views();
  }

  release(path: Path, why: "ordered" | "unreachable"): boolean {
    const name = path.take(1).show;
    return why === "ordered" ? this.#guard.release(name) : this.#guard.unreachable(name);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }

  /** `undefined` while nobody is there. */
  #addresses(id: Path): Var<AddressSet | undefined> {
    const { bindEmpty } = this.#options;
    return this.#service(id).map(
      ({ addresses }) => (addresses.addresses.length > 0 || bindEmpty ? addresses : undefined),
      { equals: (a, b) => a === b || (a !== undefined && b !== undefined && a.equals(b)) },
    );
  }

  #service(id: Path): Var<ServiceSnapshot> {
    return this.#services.of(id.show, (set) => this.#own(this.#follow(id, set)));
  }

  #follow(id: Path, set: (state: State<ServiceSnapshot>) => void): Disposable {
    const service = nodeNameOf(id.elems[0] ?? "");
    const { port, useDisabled, basePath } = this.#options;
    return new CuratorService({
      name: id.show,
      path: join(basePath, service),
      source: this.#source,
      reader: new CuratorReader({ port, useDisabled, service, log: this.#context.log, unreadable: this.#unreadable }),
      guard: this.#guard,
      page: this.#book.open(id.show),
      context: this.#context,
      set,
    });
  }

  #list(set: (state: State<readonly Path[]>) => void): Disposable {
    const { clock, random } = this.#context;
    const mirror = new NodeMirror({
      client: this.#source.client,
      path: this.#options.basePath,
      reads: this.#source.reads,
      // A recursive watch would tell of every instance of every service.
      support: { persistent: false },
      withData: false,
      clock,
      random,
      heard: (children) => set(ok([...(children?.keys() ?? [])].sort().map((name) => Path.of(elementOf(name))))),
      failed: (cause) => set(failed(cause)),
    });
    const trouble = this.#source.onTrouble((cause) => set(failed(cause)));
    return {
      [Symbol.dispose]: () => {
        trouble[Symbol.dispose]();
        mirror[Symbol.dispose]();
      },
    };
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

/** ZooKeeper's names are text, a path's elements are bytes. */
const nodeNameOf = (element: string): string => Buffer.from(element, "latin1").toString("utf8");

const elementOf = (nodeName: string): string => Buffer.from(nodeName, "utf8").toString("latin1");

const isNodeName = (element: string): boolean =>
  element !== "." && element !== ".." && !element.includes("/") && !element.includes("\0");

const sameInstances = (a: readonly Instance[], b: readonly Instance[]): boolean =>
  JSON.stringify(a) === JSON.stringify(b);
