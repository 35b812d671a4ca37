/** The data half of a daemon, in whatever thread: routers, clusters, connections. */
import type { RouterPart, RouterQuery } from "./admin/state.ts";
import { routerParts } from "./admin-source.ts";
import type { Scope } from "./base/scope.ts";
import { ClusterSlots } from "./cluster/slots.ts";
import type { BindingSource } from "./data-path.ts";
import { Layout } from "./http/exchange.ts";
import { LiveData, type Plan, type PreparedData } from "./live-data.ts";
import type { World } from "./naming-root.ts";
import { Rests } from "./cluster/rests.ts";
import { Sweeper } from "./net/sweeper.ts";
import { AccessLogSlots } from "./router/filters/access-log.ts";
import { RecentRequests } from "./router/recent-requests.ts";
import type { RequestRecord, WhyQuery } from "./base/request-record.ts";
import { RouterSlots } from "./router/slots.ts";
import { ownZone } from "./zone-linker.ts";

export interface DataParts {
  readonly world: World;
  readonly naming: BindingSource;
  readonly bug: (error: unknown) => void;
  /** Of how many alike this is one; absolute limits are divided among them. */
  readonly workers: number;
}

/** A server that listens. */
export interface LinkedServer {
  readonly router: string;
  readonly host: string;
  readonly port: number;
  /** Descriptors of its listening sockets, where they can be told. */
  readonly fds: readonly number[];
}

export interface DataHalf {
  /** In the order of the file. */
  readonly servers: readonly LinkedServer[];
  view(query: RouterQuery): readonly RouterPart[];
  bound: LiveData["bound"];
  /** The records of its last requests that are asked for. */
  why(query: WhyQuery): readonly RequestRecord[];
  /** As `LiveData.identify`. */
  identify: LiveData["identify"];
  /** As `LiveData.prepare`. */
  prepare(plan: Plan): Promise<PreparedData>;
  /** Accepts no more, and lets what is under way finish until the deadline. */
  drain(deadline: AbortSignal): Promise<void>;
}

/** Resolves when every server of the first configuration listens. What was opened belongs to `scope`. */
export async function linkData(parts: DataParts, first: Plan, scope: Scope): Promise<DataHalf> {
  const { world, naming, bug, workers } = parts;
  const layout = new Layout();
  const clusterSlots = new ClusterSlots(layout);
  const routerSlots = new RouterSlots(layout, clusterSlots);
  let claimed: AccessLogSlots | undefined;
  const accessLogSlots = (): AccessLogSlots => (claimed ??= new AccessLogSlots(layout));
  const sweeper = scope.own(new Sweeper(world.clock));
  const rests = scope.own(new Rests(world.clock));
  const shareOf = (limit: number): number => Math.ceil(limit / Math.max(1, workers));
  const zone = ownZone(first.config, { world, bug }, scope);
  const recent = new RecentRequests(world.clock, routerSlots);
  const data = { world, recent, layout, clusterSlots, routerSlots, accessLogSlots, sweeper, rests, bug, shareOf, zone };
  const live = new LiveData({ data, naming }, scope);
  const prepared = await live.prepare(first);
  void prepared.commit().catch(bug);
  return {
    get servers() {
      return live.servers.map(({ router, host, port, fds }) => ({ router, host, port, fds }));
    },
    view: (query) => routerParts(live.routers, query),
    bound: (page) => live.bound(page),
    why: (query) => recent.view(query),
    identify: (router, request) => live.identify(router, request),
    prepare: (plan) => live.prepare(plan),
    drain: (deadline) => live.drain(deadline),
  };
}
