/** Names in DNS: services by their SRV records and, where that is wanted, hosts with a port. */
import {
  addressKey,
  type Clock,
  GuardedServices,
  type Instance,
  type Name,
  type NameTree,
  type Namer,
  neg,
  type Path,
  type PluginContext,
  readResolverFile,
  type ResolverFile,
  type Resolver,
  type ServiceMember,
  type ServiceSource,
  Var,
  type WatchView,
} from "linkspan/plugin";
import { DnsClient } from "./client.ts";
import type { DnsServer } from "./dns-server.ts";
import { isDomainName } from "./domain-name.ts";
import { ServerResolver } from "./server-resolver.ts";
import { SrvReader, type TimedReading } from "./srv-reader.ts";
import { callable, isNoSuchHost, TargetAddresses } from "./target-addresses.ts";
import { TimedSource } from "./timed-source.ts";

export interface DnsNamerOptions {
  /** Who is asked; the servers of resolv.conf when there is none. */
  readonly servers: readonly DnsServer[];
  /** The longest time between two questions about one name. */
  readonly refreshMs: number;
  /** Whether `host:port` is a name too. */
  readonly takesHosts: boolean;
  /** The text of resolv.conf. */
  readonly readResolverConf: () => Promise<string>;
}

const FILE_HOLDS_MS = 5000;
const HOST_AND_PORT = /^(.+):(\d{1,5})$/;

export class DnsNamer implements Namer {
  readonly #options: DnsNamerOptions;
  readonly #context: PluginContext;
  readonly #services: GuardedServices;
  readonly #client: DnsClient;
  /** Asks the servers that the records come from, where they are not the system's. */
  readonly #resolve: Resolver;
  readonly #resolverFile: () => Promise<ResolverFile>;

  constructor(options: DnsNamerOptions, context: PluginContext) {
    this.#options = options;
    this.#context = context;
    const { clock, dial, resolve } = context;
    this.#services = new GuardedServices(context);
    this.#resolverFile = remembered(clock, async () => readResolverFile(await options.readResolverConf()));
    this.#client = new DnsClient({ servers: () => this.#servers(), clock, dial, resolve });
    this.#resolve = options.servers.length > 0 ? new ServerResolver(this.#client) : resolve;
  }

  lookup(path: Path): Var<NameTree<Name>> {
    const source = this.#source(path);
    return source ? this.#services.tree(path.take(1), path.drop(1), source) : Var.of<NameTree<Name>>(neg);
  }

  instances(path: Path): Var<readonly Instance[]> {
    const source = this.#source(path);
    return source ? this.#services.instances(path.take(1), source) : Var.of<readonly Instance[]>([]);
  }

  watches(): readonly WatchView[] {
    return this.#services.watches();
  }

  release(path: Path, why: "ordered" | "unreachable"): boolean {
    return this.#services.release(path.take(1), why);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#services[Symbol.asyncDispose]();
  }

  #source(path: Path): ServiceSource | undefined {
    const element = path.elems[0] ?? "";
    const { refreshMs, takesHosts } = this.#options;
    const { clock, random } = this.#context;
    const [, host = "", port = ""] = HOST_AND_PORT.exec(element) ?? [];
    if (takesHosts && host !== "") {
      const bare = host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
      if (!isDomainName(bare) && bare === host) return undefined;
      const read = (signal: AbortSignal): Promise<TimedReading> => this.#readHost(bare, Number(port), signal);
      return new TimedSource({ read, refreshMs, clock, random });
    }
    if (!isDomainName(element)) return undefined;
    const targets = new TargetAddresses(this.#resolve);
    const { client, resolverFile } = { client: this.#client, resolverFile: this.#resolverFile };
    const reader = new SrvReader({ name: element, client, targets, resolverFile });
    return new TimedSource({ read: (signal) => reader.read(signal), refreshMs, clock, random });
  }

  async #readHost(host: string, port: number, signal: AbortSignal): Promise<TimedReading> {
    try {
      const { addresses, ttlMs } = await this.#context.resolve.addresses(host, signal);
      const members = callable(addresses).map((each): readonly [string, ServiceMember] => {
        const address = { host: each, port, weight: 1 };
        const id = addressKey(address);
        return [id, { address, instance: { ...address, id, ready: true } }];
      });
      return { reading: { members: new Map(members) }, ttlMs };
    } catch (error) {
      signal.throwIfAborted();
      if (!isNoSuchHost(error)) throw error;
      return { reading: { members: undefined }, ttlMs: Infinity };
    }
  }

  async #servers(): Promise<readonly DnsServer[]> {
    const { servers } = this.#options;
    if (servers.length > 0) return servers;
    const listed = (await this.#resolverFile()).servers.map((host) => ({ host, port: 53 }));
    // As resolv.conf(5) has it.
    return listed.length > 0 ? listed : [{ host: "127.0.0.1", port: 53 }];
  }
}

/** A file that cannot be read says nothing, as for resolv.conf(5). */
function remembered(clock: Clock, read: () => Promise<ResolverFile>): () => Promise<ResolverFile> {
  let at = -Infinity;
  let last: Promise<ResolverFile> | undefined;
  return () => {
    if (!last || clock.now() - at >= FILE_HOLDS_MS) {
      at = clock.now();
      last = read().catch(() => readResolverFile(""));
    }
    return last;
  };
}
