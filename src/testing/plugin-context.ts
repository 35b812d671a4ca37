/** The world of a plugin under test: real sockets on loopback, a log that is read afterwards, and everything replaceable. */
import { connect, isIP } from "node:net";
import { lookup } from "node:dns/promises";
import { type Dialer, Layout, type Metrics, neg, Path, type PluginContext, type Resolver, Var } from "linkspan/plugin";
import { MetricsRegistry } from "../base/metrics-registry.ts";
import { SystemHttp } from "../outbound/system-http.ts";
import { CountingClock } from "./counting-clock.ts";
import { RecordingLog } from "./recording-log.ts";
import { seededRandom } from "./seeded-random.ts";

/** A context for one plugin; what is not given is made. */
export function testContext(given: Partial<PluginContext> = {}): PluginContext {
  const { clock = new CountingClock(), dial = socketDialer } = given;
  return {
    label: "/tested",
    log: new RecordingLog(),
    metrics: new MetricsRegistry() satisfies Metrics,
    clock,
    random: seededRandom(1),
    layout: new Layout(),
    signal: new AbortController().signal,
    dial,
    http: new SystemHttp(clock, dial),
    resolve: systemResolver,
    env: {},
    baseDir: process.cwd(),
    dstPrefix: Path.read("/svc"),
    guard: { holdMs: 30_000, nameShare: 0.5, sourceShare: 0.2 },
    bind: () => Var.of(neg),
    ...given,
  };
}

/** Plain sockets. */
export const socketDialer: Dialer = {
  connect(host, port, options, signal) {
    const { promise, resolve, reject } = Promise.withResolvers<Awaited<ReturnType<Dialer["connect"]>>>();
    const socket = connect({ host, port });
    const signals = options.timeoutMs === undefined ? [signal] : [signal, AbortSignal.timeout(options.timeoutMs)];
    const stop = AbortSignal.any(signals);
    const aborted = (): void => void socket.destroy(new Error(`connect ${host}:${port} was given up`));
    if (stop.aborted) aborted();
    stop.addEventListener("abort", aborted, { once: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      stop.removeEventListener("abort", aborted);
      socket.off("error", reject);
      resolve(socket);
    });
    return promise;
  },
};

/** The system's own resolver, without times to live. */
export const systemResolver: Resolver = {
  async addresses(host) {
    if (isIP(host) !== 0) return { addresses: [host], ttlMs: Infinity };
    const found = await lookup(host, { all: true });
    return { addresses: found.map((each) => each.address), ttlMs: 30_000 };
  },
};
