/** Names in a Eureka: `/APP`, in any case. What is common to all namers is the SDK's; here is only how Eureka is asked. */
import {
  followService,
  GuardedServices,
  type HttpClient,
  type Instance,
  type Name,
  type NameTree,
  type Namer,
  neg,
  ok,
  Path,
  type PluginContext,
  type ServiceReading,
  type ServiceSource,
  sleep,
  Var,
  watch,
  type WatchView,
} from "linkspan/plugin";
import { readApplication, readNames } from "./application.ts";

export interface EurekaOptions {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly intervalMs: number;
  readonly secure: boolean;
}

const MAX_ANSWER_BYTES = 16 * 2 ** 20;
/** After a failure; a registry that is back is found soon, and not run over. */
const RETRY = { minMs: 100, maxMs: 1_000 };

export class EurekaNamer implements Namer {
  readonly #options: EurekaOptions;
  readonly #context: PluginContext;
  readonly #services: GuardedServices;
  readonly #client: HttpClient;

  /** Nothing is asked before somebody observes a name. */
  constructor(options: EurekaOptions, context: PluginContext) {
    this.#options = options;
    this.#context = context;
    this.#services = new GuardedServices(context);
    this.#client = context.http.open({ host: options.host, port: options.port });
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
    const { clock, random } = this.#context;
    return Var.source<readonly Path[]>(
      (set) =>
        this.#services.own(
          watch<readonly Path[]>({
            attempt: async (emit, signal) => {
              const names = readNames(await this.#ask(this.#client, "/apps", signal));
              emit(ok(names.map((name) => Path.of(name))));
              await this.#pause(signal);
            },
            set,
            clock,
            random,
            retry: RETRY,
          }),
        ),
      { clock, equals: (a, b) => a.join() === b.join() },
    );
  }

  watches(): readonly WatchView[] {
    return this.#services.watches();
  }

  release(path: Path, why: "ordered" | "unreachable"): boolean {
    return this.#services.release(path.take(1), why);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#services[Symbol.asyncDispose]();
    await this.#client[Symbol.asyncDispose]();
  }

  /** Undefined for what cannot be the name of an application. */
  #source(path: Path): ServiceSource | undefined {
    const [app = ""] = path.elems;
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(app)) return undefined;
    const { clock, random, http } = this.#context;
    const { host, port } = this.#options;
    return {
      follow: (listener) =>
        followService({
          clock,
          random,
          listener,
          retry: RETRY,
          attempt: async (heard, signal) => {
            heard(await this.#read(this.#client, app, signal));
            await this.#pause(signal);
          },
        }),
      confirm: async (signal) => {
        await using fresh = http.open({ host, port, maxConnections: 1 });
        return await this.#read(fresh, app, signal);
      },
    };
  }

  async #read(client: HttpClient, app: string, signal: AbortSignal): Promise<ServiceReading> {
    const value = await this.#ask(client, `/apps/${app.toUpperCase()}`, signal);
    return value === undefined ? { members: undefined } : readApplication(value, this.#options.secure);
  }

  /** Undefined when Eureka says that there is no such thing; rejects when it does not say. */
  async #ask(client: HttpClient, path: string, signal: AbortSignal): Promise<unknown> {
    const headers = { accept: "application/json" };
    using answer = await client.request({ path: this.#options.path + path, headers, signal });
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw new Error(`Eureka answered ${answer.status} to ${path}`);
    return JSON.parse(await answer.text(MAX_ANSWER_BYTES)) as unknown;
  }

  #pause(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#context;
    // Names that began together do not stay together.
    return sleep(clock, this.#options.intervalMs * (1 - random.next() / 10), signal);
  }
}
