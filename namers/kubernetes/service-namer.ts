/** Names in Kubernetes: `NAMESPACE/PORT/SERVICE`, bound to the endpoints of the Service or to its load balancers. */
import {
  GuardedServices,
  type Instance,
  type Name,
  type NameTree,
  type Namer,
  neg,
  type Path,
  type PluginContext,
  Scope,
  type ServiceSource,
  type State,
  Var,
  type WatchView,
} from "linkspan/plugin";
import type { OpenAccess } from "./api-access.ts";
import { Cluster } from "./cluster.ts";
import {
  ListedNames,
  NameKeeper,
  type NamesOfObject,
  portsOfEntry,
  portsOfGroups,
  type ServicePorts,
} from "./listed-names.ts";
import { NameSource, type SourceWorld } from "./name-source.ts";
import type { Resource } from "./object-store.ts";
import type { ReflectorTimes } from "./reflector.ts";
import { type NameRules, type ServiceName, serviceName } from "./service-name.ts";

export interface ServiceNamerOptions {
  /** What a name is bound to. */
  readonly binds: "endpoints" | "ingress";
  readonly open: OpenAccess;
  /** Of all names; paths begin with their namespace where it is not said. */
  readonly namespace?: string | undefined;
  /** The key of a label whose value paths have behind the Service. */
  readonly labelSelector?: string | undefined;
  /** Whether instances say how they are reached by the port of their node: as `nodePort` in their metadata. */
  readonly nodePorts?: boolean | undefined;
  readonly times?: ReflectorTimes;
}

/** One watch a namespace, however many names of it are observed. */
export class ServiceNamer implements Namer {
  readonly #options: ServiceNamerOptions;
  readonly #context: PluginContext;
  readonly #scope = new Scope();
  readonly #cluster: Cluster;
  readonly #services: GuardedServices;
  readonly #sources: SourceWorld;

  /** Connects when a name is first observed. */
  constructor(options: ServiceNamerOptions, context: PluginContext) {
    this.#options = options;
    this.#context = context;
    this.#services = this.#scope.own(new GuardedServices(context));
    const repaired = (entries: number): void => this.#services.repaired(entries);
    const told = { repaired, refused: this.#services.refusedEntries() };
    this.#cluster = this.#scope.own(new Cluster({ ...options, labelKey: options.labelSelector, ...told }, context));
    const { binds, nodePorts = false } = options;
    this.#sources = { cluster: this.#cluster, binds, nodePorts, clock: context.clock };
  }

  lookup(path: Path): Var<NameTree<Name>> {
    const name = this.#nameOf(path);
    if (!name) return Var.of<NameTree<Name>>(neg);
    return this.#services.tree(name.id, name.residual, this.#sourceOf(name));
  }

  instances(path: Path): Var<readonly Instance[]> {
    const name = this.#nameOf(path);
    return name ? this.#services.instances(name.id, this.#sourceOf(name)) : Var.of<readonly Instance[]>([]);
  }

  /** With their ports by name; of the whole cluster, which takes a ClusterRole, where paths begin with a namespace. */
  names(): Var<readonly Path[]> {
    return Var.source<readonly Path[]>((set) => this.#services.own(this.#list(set)), {
      clock: this.#context.clock,
      equals: (a, b) => a.map((each) => each.show).join() === b.map((each) => each.show).join(),
    });
  }

  watches(): readonly WatchView[] {
    return this.#services.watches();
  }

  release(path: Path, why: "ordered" | "unreachable"): boolean {
    const name = this.#nameOf(path);
    return name !== undefined && this.#services.release(name.id, why);
  }

  /** Lists everything that is watched again, now: how much had to be set right; `undefined` where that was not clear. */
  resync(): Promise<number | undefined> {
    return this.#cluster.resync();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Before what they follow.
    await this.#services[Symbol.asyncDispose]();
    await this.#scope.close();
  }

  #nameOf(path: Path): ServiceName | undefined {
    return serviceName(path, this.#rules);
  }

  get #rules(): NameRules {
    const { binds, namespace, labelSelector } = this.#options;
    return { namespace, hasLabel: labelSelector !== undefined, keepsCase: binds === "ingress" };
  }

  #list(set: (state: State<readonly Path[]>) => void): Disposable {
    const { binds, namespace = "*" } = this.#options;
    const cluster = this.#cluster;
    const resources =
      binds === "ingress"
        ? cluster.servicesOf(namespace).map((each) => this.#named(each, portsOfEntry))
        : cluster.endpointsOf(namespace).map((each) => this.#named(each, portsOfGroups));
    return cluster.reflect(resources, new ListedNames(set));
  }

  #named<T>(resource: Resource<T>, portsOf: (kept: T) => ServicePorts): Resource<NamesOfObject> {
    const keeper = new NameKeeper(resource, portsOf, this.#rules);
    const { place } = resource;
    return { place, keep: (object) => keeper.keep(object), isSame: (a, b) => keeper.isSame(a, b) };
  }

  #sourceOf(name: ServiceName): ServiceSource {
    return new NameSource(name, this.#sources);
  }
}
