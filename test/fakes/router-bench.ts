/** A router on fakes: names that a test sets, clusters that hold every exchange until the test answers it. */
import { AddressSet } from "../../src/base/address.ts";
import { type Failure, failures } from "../../src/base/failure.ts";
import { MetricsRegistry } from "../../src/base/metrics-registry.ts";
import { ok, type State, Var } from "../../src/base/var.ts";
import { ClusterSlots } from "../../src/cluster/slots.ts";
import { Exchange, type Holder, Layout, type Service } from "../../src/http/exchange.ts";
import { HeaderList } from "../../src/http/header-list.ts";
import type { Status } from "../../src/http/transport.ts";
import { alt, leaf, type NameTree, neg, union } from "../../src/naming/name-tree.ts";
import type { Bound } from "../../src/naming/namer.ts";
import type { Interpreter } from "../../src/naming/interpreter.ts";
import { Path } from "../../src/naming/path.ts";
import type { ClusterRight, ClusterState } from "../../src/router/lead.ts";
import { AccessLogFilter, AccessLogSlots } from "../../src/router/filters/access-log.ts";
import { defaultRetries, defaultRouter, defaultServer } from "../../src/router/params.ts";
import type { RouterParams, ServerParams, ServiceParams } from "../../src/router/params.ts";
import { Router } from "../../src/router/router.ts";
import { RouterSlots } from "../../src/router/slots.ts";
import { openServerTier } from "../../src/router/stacks.ts";
import { HeaderTokenIdentifier } from "../../src/plugins/identifiers/header-token.ts";
import { StatusClassifier } from "../../src/plugins/classifiers/by-status.ts";
import { FakeClock, seededRandom } from "../../src/testing/index.ts";
import { Hearer } from "./plain-exchange.ts";

export { alt, leaf, neg, union };

/** A name whose state a test sets. */
export class FakeName {
  observers = 0;
  #set: ((state: State<NameTree<Bound>>) => void) | undefined;
  #state: State<NameTree<Bound>> = { tag: "pending" };
  readonly var = Var.source<NameTree<Bound>>((set) => {
    this.#set = set;
    this.observers++;
    set(this.#state);
    return { [Symbol.dispose]: () => void this.observers-- };
  });
  tell(state: State<NameTree<Bound>>): void {
    this.#state = state;
    if (this.observers > 0) this.#set?.(state);
  }
  tree(tree: NameTree<Bound>): void {
    this.tell(ok(tree));
  }
}

/** A cluster that keeps what it is given until it is told what to answer. */
export class FakeCluster implements Service, Holder {
  readonly id: string;
  status: Status = "open";
  isGone = false;
  leases = 0;
  readonly held: Exchange[] = [];
  /** The number of each held exchange's attempt: a retry may come back while its last attempt is still ending. */
  readonly #attempts = new Map<Exchange, number>();
  seen = 0;
  /** When set, the answer that every exchange gets at once. */
  answer: number | Failure | undefined;
  constructor(id: string) {
    this.id = id;
  }
  get first(): Service {
    return this;
  }
  get cluster(): ClusterState {
    return this;
  }
  dispatch(x: Exchange): void {
    this.seen++;
    x.holder = this;
    this.held.push(x);
    this.#attempts.set(x, this.seen);
    if (this.answer !== undefined) this.#end(x, this.answer);
  }
  /** Answers the exchange that was here longest, head and end. */
  end(answer: number | Failure = 200, headers: Record<string, string> = {}): void {
    const x = this.held[0];
    if (x === undefined) throw new Error(`nothing is held at ${this.id}`);
    this.#end(x, answer, headers);
  }
  cancel(x: Exchange, failure: Failure): void {
    this.#end(x, failure);
  }
  abandon(x: Exchange): void {
    if (!this.#leave(x)) return;
    x.routeTier?.finish(x);
  }
  #end(x: Exchange, answer: number | Failure, headers: Record<string, string> = {}): void {
    if (typeof answer === "number") {
      x.response.status = answer;
      x.response.headers = HeaderList.of(Object.entries(headers));
    } else {
      x.failure = answer;
    }
    const attempt = this.#attempts.get(x);
    x.routeTier?.respond(x);
    if (attempt === this.#attempts.get(x) && this.#leave(x)) x.routeTier?.finish(x);
  }
  #leave(x: Exchange): boolean {
    const at = this.held.indexOf(x);
    if (at < 0) return false;
    this.held.splice(at, 1);
    this.#attempts.delete(x);
    x.holder = undefined;
    return true;
  }
}

export interface RouterBenchOptions {
  readonly router?: Partial<RouterParams>;
  readonly service?: Partial<ServiceParams>;
  readonly server?: Partial<ServerParams>;
  readonly seed?: number;
  /** Binds names, in place of those that the test sets. */
  readonly interpreter?: Interpreter;
  /** The style of its access log, whose lines are in `lines`. */
  readonly accessLog?: "http" | "h2";
}

export class RouterBench {
  readonly layout = new Layout();
  readonly clock = new FakeClock();
  readonly metrics = new MetricsRegistry();
  readonly hearer = new Hearer();
  readonly names = new Map<string, FakeName>();
  readonly clusters = new Map<string, FakeCluster>();
  readonly bugs: unknown[] = [];
  readonly binds: string[] = [];
  readonly lines: string[] = [];
  readonly router: Router;
  readonly tier;

  constructor(options: RouterBenchOptions = {}) {
    const slots = new RouterSlots(this.layout, new ClusterSlots(this.layout));
    const service: ServiceParams = {
      totalTimeoutMs: undefined,
      retries: defaultRetries,
      classifier: new StatusClassifier(["GET"]),
      hedge: undefined,
      rateLimit: undefined,
      ...options.service,
    };
    const params: RouterParams = {
      label: "http",
      identifiers: [new HeaderTokenIdentifier("Host", Path.read("/svc"))],
      ...defaultRouter,
      service: () => service,
      ...options.router,
    };
    const shared = { slots, clock: this.clock, random: seededRandom(options.seed ?? 1), metrics: this.metrics };
    this.router = new Router({
      ...shared,
      layout: this.layout,
      params,
      interpreter: options.interpreter ?? this.#interpreter(),
      clusters: (bound) => this.#right(bound.id.show),
      bug: (error) => void this.bugs.push(error),
    });
    const server: ServerParams = { label: "127.0.0.1/4140", ...defaultServer, ...options.server };
    const log = options.accessLog === undefined ? {} : { accessLog: this.#accessLog(options.accessLog) };
    this.tier = openServerTier({ ...shared, ...log, server, router: params, next: this.router });
  }

  #accessLog(style: "http" | "h2"): AccessLogFilter {
    const kept = new AccessLogSlots(this.layout);
    return new AccessLogFilter({ kept, clock: this.clock, style, write: (line) => void this.lines.push(line) });
  }

  name(path: string): FakeName {
    const name = this.names.get(path) ?? new FakeName();
    this.names.set(path, name);
    return name;
  }

  cluster(id: string): FakeCluster {
    const cluster = this.clusters.get(id) ?? new FakeCluster(id);
    this.clusters.set(id, cluster);
    return cluster;
  }

  /** Sends a request, and gives its exchange; what it heard is in `hearer`. */
  send(host: string | undefined, headers: readonly (readonly [string, string])[] = [], method = "GET"): Exchange {
    const fields = host === undefined ? headers : [["Host", host] as const, ...headers];
    const x = exchangeOf(this.layout, fields, method);
    x.downstream = this.hearer;
    this.tier.service.dispatch(x);
    return x;
  }

  /** Sends another request on the exchange of one that has ended, as a connection does. */
  resend(x: Exchange, host: string, method = "GET"): void {
    this.hearer.heard.delete(x);
    x.reset(this.layout);
    x.request.method = method;
    x.request.headers = HeaderList.of([["Host", host]]);
    this.tier.service.dispatch(x);
  }

  heard(x: Exchange): string {
    return this.hearer.of(x).join(" ");
  }

  #right(id: string): ClusterRight {
    const cluster = this.cluster(id);
    cluster.leases++;
    return { tier: cluster, [Symbol.dispose]: () => void cluster.leases-- };
  }

  #interpreter(): Interpreter {
    return {
      bind: (local, path) => {
        this.binds.push(`${local.show} ${path.show}`);
        return this.name(path.show).var;
      },
      delegate: () => {
        throw new Error("nobody delegates here");
      },
      [Symbol.asyncDispose]: async () => undefined,
    };
  }
}

export function exchangeOf(layout: Layout, fields: readonly (readonly [string, string])[], method = "GET"): Exchange {
  return new Exchange(
    { version: 11, method, target: "/", headers: HeaderList.of(fields) },
    { version: 11, status: 0, reason: "", headers: new HeaderList() },
    layout,
  );
}

const someAddresses = Var.of(AddressSet.of([{ host: "10.0.0.1", port: 80, weight: 1 }]));

/** A bound name with addresses that are known, unless others are given. */
export function bound(id: string, residual = "/", addresses: Var<AddressSet> = someAddresses): Bound {
  return { kind: "bound", id: Path.read(id), addresses, residual: Path.read(residual) };
}

export const to = (id: string): NameTree<Bound> => leaf(bound(id));
export { failures };
