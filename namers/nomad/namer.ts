/** Names in Nomad's own service discovery. */
import {
  type ClientTlsConfig,
  GuardedServices,
  httpTlsOf,
  type Instance,
  type Name,
  type NameTree,
  type Namer,
  neg,
  Path,
  type PluginContext,
  type Secret,
  type ServiceSource,
  Var,
  type WatchView,
} from "linkspan/plugin";
import { MAX_WAITING, NomadAgent } from "./agent.ts";
import { catalogue, type Listing } from "./catalogue.ts";
import { NomadSource } from "./service-source.ts";
import { Slots } from "./slots.ts";

export interface NomadNamerOptions {
  readonly host: string;
  readonly port: number;
  readonly namespace: string;
  readonly region?: string;
  /** Only instances with all of these tags are called. */
  readonly tags: readonly string[];
  readonly token?: Secret;
  /** An absolute path. */
  readonly tokenFile?: string;
  readonly tls?: ClientTlsConfig;
  /** How many names have a query of their own; the rest are read when the list of services changes. */
  readonly maxQueries?: number;
  /** Between two such readings at least, in ms. */
  readonly sweepMs?: number;
}

const SWEEP_MS = 1_000;

/** `NAME`, or `NAME#TAG` for those of its instances that have the tag. */
const NAME = /^([A-Za-z0-9][A-Za-z0-9._-]*)(?:#([^/\0]+))?$/;

export class NomadNamer implements Namer {
  readonly #options: NomadNamerOptions;
  readonly #context: PluginContext;
  readonly #agent: NomadAgent;
  readonly #services: GuardedServices;
  readonly #listing: Var<Listing>;
  readonly #slots: Slots;

  constructor(options: NomadNamerOptions, context: PluginContext) {
    this.#options = options;
    this.#context = context;
    const { host, port, tls, namespace, region, token, tokenFile } = options;
    const origin = { host, port, ...httpTlsOf(tls, context.baseDir) };
    this.#agent = new NomadAgent({ http: context.http, origin, namespace, region, token, tokenFile });
    this.#services = new GuardedServices(context);
    // The list of services has a query of its own too.
    this.#slots = new Slots(Math.min(options.maxQueries ?? MAX_WAITING, MAX_WAITING - 1));
    const listing = catalogue({
      agent: this.#agent,
      namespace,
      leastMs: options.sweepMs ?? SWEEP_MS,
      clock: context.clock,
      random: context.random,
    });
    this.#listing = Var.source<Listing>((set) => this.#services.own(listing.observe(set)), {
      clock: context.clock,
      equals: (a, b) => a.index === b.index,
    });
  }

  lookup(path: Path): Var<NameTree<Name>> {
    const source = this.#source(path);
    return source ? this.#services.tree(path.take(1), path.drop(1), source) : Var.of<NameTree<Name>>(neg);
  }

  instances(path: Path): Var<readonly Instance[]> {
    const source = this.#source(path);
    return source ? this.#services.instances(path.take(1), source) : Var.of<readonly Instance[]>([]);
  }

  names(): Var<readonly Path[]> {
    return this.#listing.map<readonly Path[]>(({ names }) => names.map((name) => Path.of(name)), {
      equals: (a, b) => a.join() === b.join(),
    });
  }

  watches(): readonly WatchView[] {
    return this.#services.watches();
  }

  release(path: Path, why: "ordered" | "unreachable"): boolean {
    return this.#services.release(path.take(1), why);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#services[Symbol.asyncDispose]();
    await this.#agent[Symbol.asyncDispose]();
  }

  #source(path: Path): ServiceSource | undefined {
    const [, service, tag] = NAME.exec(path.elems[0] ?? "") ?? [];
    if (service === undefined) return undefined;
    const { clock, random } = this.#context;
    const tags = tag === undefined ? this.#options.tags : [...this.#options.tags, tag];
    const { agent, listing, slots } = { agent: this.#agent, listing: this.#listing, slots: this.#slots };
    return new NomadSource({ agent, service, tags, listing, slots, clock, random });
  }
}
