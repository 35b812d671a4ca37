/** Names in a Consul catalogue: `/DC/SERVICE`, or `/DC/TAG/SERVICE`. */
import {
  failed,
  GuardedServices,
  type Instance,
  type Name,
  type NameTree,
  type Namer,
  neg,
  ok,
  type Path,
  type PluginContext,
  Scope,
  type State,
  Var,
  type WatchView,
} from "linkspan/plugin";
import { AccessCheck } from "./access-check.ts";
import { ConsulAgent } from "./agent.ts";
import { agentOrigin } from "./agent-origin.ts";
import { type AgentSelf, agentSelf } from "./agent-self.ts";
import { Catalogue } from "./catalogue.ts";
import type { Followed } from "./followed.ts";
import type { ConsulOptions } from "./options.ts";
import { readServices } from "./registered.ts";
import type { ScheduleOptions } from "./schedule.ts";
import { ServiceReader } from "./service-reader.ts";
import { type FoundService, pathsOf, serviceAt, type ServiceName } from "./service-path.ts";
import { ConsulServiceSource, LOCAL, type ServiceWorld } from "./service-source.ts";
import { shareAgent, type SharedAgent } from "./shared-agents.ts";
import { TokenSource } from "./token-source.ts";

/** One set of connections for all names; one watch a service, however many observe it. */
export class ConsulNamer implements Namer {
  readonly #options: ConsulOptions;
  readonly #context: PluginContext;
  readonly #scope = new Scope();
  readonly #shared: SharedAgent;
  readonly #agent: ConsulAgent;
  readonly #self: Var<AgentSelf>;
  readonly #catalogues = new Map<string, Catalogue>();
  readonly #followed = new Map<string, Followed>();
  readonly #services: GuardedServices;
  readonly #world: Omit<ServiceWorld, "following">;

  /** Asks when a name is first observed. `limits` are for tests. */
  constructor(options: ConsulOptions, context: PluginContext, limits: Partial<ScheduleOptions> = {}) {
    const { clock, random, resolve } = context;
    this.#options = options;
    this.#context = context;
    const key = JSON.stringify([options.host, options.port, options.tls]);
    const origin = agentOrigin(options, context.baseDir);
    this.#shared = this.#scope.own(shareAgent(context.http, key, origin, { clock, random, ...limits }));
    const tokens = new TokenSource(options.token, options.tokenFile, clock);
    this.#agent = new ConsulAgent(this.#shared.connections, tokens, clock);
    this.#self = agentSelf(this.#agent, clock, random);
    this.#services = this.#scope.own(new GuardedServices(context));
    this.#world = {
      agent: this.#agent,
      schedule: this.#shared.schedule,
      access: new AccessCheck(this.#agent, clock),
      self: this.#self,
      clock,
      resolve,
      needsDomain: options.setHost,
      useHealthCheck: options.useHealthCheck,
      query: (dc) => this.#query(dc),
      catalogue: (dc) => this.#catalogue(dc),
      reader: (name, dc, domain) =>
        new ServiceReader({
          authority: options.setHost ? authorityOf(name, dc, domain ?? "consul") : undefined,
          options,
        }),
      repaired: () => this.#services.repaired(1),
    };
  }

  lookup(path: Path): Var<NameTree<Name>> {
    const found = serviceAt(path, this.#options);
    if (found === undefined) return Var.of<NameTree<Name>>(neg);
    const { id, residual } = found;
    const followed = this.#followed.get(id.show);
    if (followed) this.#shared.schedule.touch(followed);
    return this.#services.tree(id, residual, this.#source(found));
  }

  instances(path: Path): Var<readonly Instance[]> {
    const found = serviceAt(path, this.#options);
    return found === undefined
      ? Var.of<readonly Instance[]>([])
      : this.#services.instances(found.id, this.#source(found));
  }

  /** Of the datacenter that the agent is in. */
  names(): Var<readonly Path[]> {
    return this.#self.flatMap((self) =>
      Var.source<readonly Path[]>((set) => this.#services.own(this.#list(self.datacenter ?? LOCAL, set)), {
        clock: this.#context.clock,
        equals: (a, b) => a.map((each) => each.show).join() === b.map((each) => each.show).join(),
      }),
    );
  }

  watches(): readonly WatchView[] {
    return this.#services.watches();
  }

  release(path: Path, why: "ordered" | "unreachable"): boolean {
    return this.#services.release(path.take(this.#options.includeTag ? 3 : 2), why);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }

  #source({ name, id }: FoundService): ConsulServiceSource {
    const following = (followed: Followed | undefined): void => {
      if (followed) this.#followed.set(id.show, followed);
      else this.#followed.delete(id.show);
    };
    return new ConsulServiceSource(name, { ...this.#world, following });
  }

  #query(dc: string): string {
    const { consistencyMode } = this.#options;
    return `${consistencyMode === "default" ? "" : `${consistencyMode}=true&`}dc=${encodeURIComponent(dc)}`;
  }

  #catalogue(dc: string): Catalogue {
    const known = this.#catalogues.get(dc);
    if (known) return known;
    const { clock, random } = this.#context;
    const made = new Catalogue({
      agent: this.#agent,
      query: this.#query(dc),
      withChecks: this.#options.useHealthCheck,
      waitMs: this.#shared.schedule.waitMs,
      listener: this.#shared.schedule,
      clock,
      random,
      left: () => this.#catalogues.delete(dc),
    });
    this.#catalogues.set(dc, made);
    return made;
  }

  #list(dc: string, set: (state: State<readonly Path[]>) => void): Disposable {
    return this.#catalogue(dc).follow({
      listed: (text) => {
        try {
          const paths = [...readServices(text)].flatMap(([name, tags]) => pathsOf(dc, name, tags, this.#options));
          set(ok(paths.sort((a, b) => (a.show < b.show ? -1 : 1))));
        } catch (error) {
          set(failed(error as Error));
        }
      },
      failed: (cause) => set(failed(cause)),
    });
  }
}

/** The name of Consul's DNS. */
function authorityOf({ service, tag }: ServiceName, dc: string, domain: string): string {
  return `${tag === undefined ? "" : `${tag}.`}${service}.service.${dc}.${domain}`;
}
