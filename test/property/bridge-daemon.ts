/** One daemon of a bridge: mirrors in both directions, with namers, announcers and connections of its own. */
import { plainAccess } from "../../namers/kubernetes/api-access.ts";
import type { LeaseTimes } from "../../namers/kubernetes/lease-candidate.ts";
import { USUAL_TIMES } from "../../namers/kubernetes/reflector.ts";
import { ServiceAnnouncer } from "../../namers/kubernetes/service-announcer.ts";
import { ServiceNamer } from "../../namers/kubernetes/service-namer.ts";
import { curatorEntries } from "../../namers/zookeeper/curator-entry.ts";
import { CuratorNamer } from "../../namers/zookeeper/curator-namer.ts";
import { ZkAnnouncer } from "../../namers/zookeeper/zk-announcer.ts";
import { MetricsRegistry } from "../../src/base/metrics-registry.ts";
import type { Clock, Random } from "../../src/base/time.ts";
import type { MirrorSource } from "../../src/bridge/mirror-parts.ts";
import { Mirror } from "../../src/bridge/mirror.ts";
import { Path } from "../../src/naming/path.ts";
import type { Announcer, PluginContext } from "../../src/plugin.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import type { RecordingLog } from "../../src/testing/recording-log.ts";
import type { MemoryHost } from "../fakes/memory-wire.ts";
import { NAMESPACE, SERVICES } from "./bridge-places.ts";

/** Where the registries listen. */
export const ZOOKEEPER_PORT = 1;
export const KUBERNETES_PORT = 2;

export const CYCLE_MS = 2_000;
export const HOLD_MS = 5_000;
const SESSION_MS = 8_000;
const LEASE: LeaseTimes = { durationMs: 8_000, deadlineMs: 5_000, renewMs: 2_000, retryMs: 1_500 };
const RULES = { cycleMs: CYCLE_MS, timeoutMs: 2_000, settleMs: 100, auditMs: 20_000 };
const USERS = Path.of("users");

/** From where to where. */
export type Direction = "zk-to-k8s" | "k8s-to-zk";

export interface DaemonParts {
  readonly host: MemoryHost;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: RecordingLog;
  /** Of its life. */
  readonly member: string;
  /** By the group: a mirror of another group is another owner's. */
  readonly mirrors: readonly (readonly [group: string, Direction])[];
}

export class BridgeDaemon {
  readonly host: MemoryHost;
  readonly #mirrors: readonly Mirror[];
  readonly #stack = new AsyncDisposableStack();

  constructor(parts: DaemonParts) {
    const { host, clock, random, log, member, mirrors } = parts;
    this.host = host;
    const guard = { holdMs: HOLD_MS, nameShare: 0.5, sourceShare: 1 };
    const context = testContext({ clock, random, log, guard, dial: host.dial });
    const ends = this.#ends(context);
    this.#mirrors = mirrors.map(([group, direction]) => {
      const mirror = new Mirror({
        name: group,
        ...ends[direction],
        target: USERS,
        owner: { group, member },
        clock,
        random,
        log,
        metrics: new MetricsRegistry(),
        rules: RULES,
      });
      this.#stack.use(mirror);
      return mirror;
    });
    for (const mirror of this.#mirrors) mirror.run();
  }

  get statuses(): readonly object[] {
    return this.#mirrors.map((mirror) => mirror.status());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }

  #ends(
    context: PluginContext,
  ): Readonly<Record<Direction, { readonly source: MirrorSource; readonly announcer: Announcer }>> {
    const zookeeper = { connectString: `127.0.0.1:${ZOOKEEPER_PORT}`, sessionTimeoutMs: SESSION_MS };
    const reading = { port: "sslPort", useDisabled: false, tags: [], meta: [], bindEmpty: false } as const;
    const places = { base: SERVICES, electionPath: "/elections" };
    const open = () => plainAccess({ host: "127.0.0.1", port: KUBERNETES_PORT }, context);
    const ports = [{ name: "http", port: 80, from: "port" }] as const;
    const times = { ...USUAL_TIMES, graceMs: 100 };
    const shop = { open, namespace: NAMESPACE };
    const curator = this.#stack.use(new CuratorNamer({ ...zookeeper, ...reading, basePath: SERVICES }, context));
    const pods = this.#stack.use(new ServiceNamer({ ...shop, binds: "endpoints", times }, context));
    const toZooKeeper = this.#stack.use(new ZkAnnouncer({ ...zookeeper, ...places }, curatorEntries, context));
    const service = { service: undefined, ports, headless: false, lease: LEASE };
    const toKubernetes = this.#stack.use(new ServiceAnnouncer({ ...shop, ...service }, context));
    const cluster = "east";
    return {
      "zk-to-k8s": {
        source: { namer: curator, path: USERS, origin: { registry: "zk", cluster } },
        announcer: toKubernetes,
      },
      "k8s-to-zk": {
        source: { namer: pods, path: Path.of("http", "users"), origin: { registry: "k8s", cluster } },
        announcer: toZooKeeper,
      },
    };
  }
}
