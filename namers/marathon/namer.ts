/** Names in Marathon: an application's id, which may have several elements. */
import {
  type ClientTlsConfig,
  GuardedServices,
  httpTlsOf,
  type Instance,
  type Name,
  type NameTree,
  type Namer,
  neg,
  ok,
  Path,
  type PluginContext,
  sleep,
  type State,
  treeEquals,
  Var,
  watch,
  type WatchView,
} from "linkspan/plugin";
import { APPS, AppSource } from "./app-source.ts";
import { readAppIds } from "./apps.ts";
import { MarathonClient } from "./client.ts";
import type { Credentials } from "./credentials.ts";

export interface MarathonNamerOptions {
  readonly host: string;
  readonly port: number;
  readonly uriPrefix: string;
  readonly ttlMs: number;
  readonly jitterMs: number;
  readonly useHealthCheck: boolean;
  readonly tls?: ClientTlsConfig;
  readonly credentials: Credentials;
}

const ELEMENT = /^[a-z0-9][a-z0-9.-]*$/;
/** No application is deeper. */
const MAX_DEPTH = 16;

type AppIds = ReadonlySet<string>;

export class MarathonNamer implements Namer {
  readonly #options: MarathonNamerOptions;
  readonly #context: PluginContext;
  readonly #client: MarathonClient;
  readonly #services: GuardedServices;
  readonly #apps: Var<AppIds>;

  constructor(options: MarathonNamerOptions, context: PluginContext) {
    this.#options = options;
    this.#context = context;
    const { host, port, tls, uriPrefix, credentials } = options;
    const origin = { host, port, ...httpTlsOf(tls, context.baseDir) };
    this.#client = new MarathonClient({ http: context.http, origin, uriPrefix, credentials });
    this.#services = new GuardedServices(context);
    const shared = this.#list();
    this.#apps = Var.source<AppIds>((set) => this.#services.own(shared.observe(set)), this.#listOptions());
  }

  lookup(path: Path): Var<NameTree<Name>> {
    return this.#walk(path, 1);
  }

  /** Of the application whose id is the whole path. */
  instances(path: Path): Var<readonly Instance[]> {
    const id = idOf(path, path.size);
    return id ? this.#services.instances(id, this.#source(id)) : Var.of<readonly Instance[]>([]);
  }

  names(): Var<readonly Path[]> {
    return this.#apps.map<readonly Path[]>((ids) => [...ids].sort().map((id) => Path.from(id.split("/"))), {
      equals: (a, b) => a.map((each) => each.show).join() === b.map((each) => each.show).join(),
    });
  }

  watches(): readonly WatchView[] {
    return this.#services.watches();
  }

  release(path: Path, why: "ordered" | "unreachable"): boolean {
    let released = false;
    for (let depth = 1; depth <= Math.min(path.size, MAX_DEPTH); depth++) {
      const id = idOf(path, depth);
      released = (id !== undefined && this.#services.release(id, why)) || released;
    }
    return released;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#services[Symbol.asyncDispose]();
    await this.#client[Symbol.asyncDispose]();
  }

  /** The shortest beginning of the path that is an application's id is meant, as in Linkerd 1. */
  #walk(path: Path, depth: number): Var<NameTree<Name>> {
    const id = depth <= path.size ? idOf(path, depth) : undefined;
    if (!id) return Var.of<NameTree<Name>>(neg);
    const source = this.#source(id);
    const here = this.#services.tree(id, path.drop(depth), source);
    let deeper: Var<NameTree<Name>> | undefined;
    return this.#services
      .service(id, source)
      .map(({ exists }) => exists)
      .flatMap((exists) => (exists ? here : (deeper ??= this.#walk(path, depth + 1))), { equals: treeEquals });
  }

  #source(id: Path): AppSource {
    const { clock, random } = this.#context;
    const { useHealthCheck } = this.#options;
    const pause = (signal: AbortSignal): Promise<void> => this.#pause(signal);
    const { client, apps } = { client: this.#client, apps: this.#apps };
    return new AppSource({ client, id: id.elems.join("/"), apps, useHealthCheck, pause, clock, random });
  }

  #list(): Var<AppIds> {
    const { clock, random } = this.#context;
    const start = (set: (state: State<AppIds>) => void): Disposable =>
      watch<AppIds>({
        attempt: async (emit, signal) => {
          emit(ok(readAppIds(await this.#client.get(APPS, signal))));
          await this.#pause(signal);
        },
        set,
        clock,
        random,
        retry: { minMs: 100, maxMs: 1_000 },
      });
    return Var.source<AppIds>(start, this.#listOptions());
  }

  #listOptions() {
    const equals = (a: AppIds, b: AppIds): boolean => a.size === b.size && a.isSubsetOf(b);
    return { clock: this.#context.clock, equals };
  }

  #pause(signal: AbortSignal): Promise<void> {
    const { ttlMs, jitterMs } = this.#options;
    const { clock, random } = this.#context;
    return sleep(clock, Math.max(1, ttlMs + jitterMs * (2 * random.next() - 1)), signal);
  }
}

/** The first `depth` elements as an id; undefined where none can be one. */
function idOf(path: Path, depth: number): Path | undefined {
  const elements = path.take(depth).elems.map((element) => element.toLowerCase());
  const isId = depth > 0 && depth <= MAX_DEPTH && elements.every((element) => ELEMENT.test(element));
  return isId ? Path.from(elements) : undefined;
}
