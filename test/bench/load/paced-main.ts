/**
 * Sends requests at a fixed rate and prints their latencies as JSON. A request that is due is sent whether or not those
 * before it were answered, so that a proxy that stalls cannot slow the load down.
 */
import net from "node:net";
import tls from "node:tls";
import { Worker } from "node:worker_threads";
import { PacedHttp1 } from "./paced-http1.ts";
import { PacedHttp2 } from "./paced-http2.ts";
import type { Latencies } from "./outcome.ts";
import { type PacedOptions, quantile, warmupOf } from "./paced.ts";
import type { Rhythm } from "./ticker-main.ts";

/** Sends requests, and tells of each answer. */
export interface PacedClient {
  /** Opens so many connections. */
  open(connections: number): Promise<void>;
  send(): void;
}

const DRAIN_MS = 2_000;
const LOOK_MS = 50;

const options = JSON.parse(process.argv[2] ?? "{}") as PacedOptions;

async function dial(): Promise<net.Socket> {
  const { port, isTls, kind } = options;
  const host = "127.0.0.1";
  const ALPNProtocols = [kind === "h1" ? "http/1.1" : "h2"];
  const socket = isTls
    ? tls.connect({ port, host, ALPNProtocols, rejectUnauthorized: false })
    : net.connect({ port, host });
  await new Promise<void>((resolve, reject) => {
    socket.once(isTls ? "secureConnect" : "connect", resolve);
    socket.once("error", reject);
  });
  return socket.setNoDelay(true);
}

const latencies: number[] = [];
const lateness: number[] = [];
let sent = 0;
let failed = 0;
let measuredFrom = Number.POSITIVE_INFINITY;

function answered(sentAt: number, isOk: boolean): void {
  if (sentAt < measuredFrom) return;
  if (isOk) latencies.push(performance.now() - sentAt);
  else failed++;
}

const client: PacedClient =
  options.kind === "h1" ? new PacedHttp1(dial, answered) : new PacedHttp2(dial, answered, options.kind === "grpc");

await client.open(options.connections ?? (options.kind === "h1" ? 64 : 8));
const startedAt = performance.now();
const warmup = warmupOf(options.perSecond);
measuredFrom = startedAt + warmup.ms;
const endsAt = measuredFrom + options.seconds * 1_000;
const between = 1_000 / options.perSecond;
const warmingBetween = 1_000 / warmup.perSecond;
let due = startedAt;
const rhythm: Rhythm = { from: performance.timeOrigin + startedAt, warmingMs: warmup.ms, warmingBetween, between };
const ticker = new Worker(new URL("ticker-main.ts", import.meta.url), { workerData: rhythm });
const tick = (): void => {
  const now = performance.now();
  while (due <= now && due < endsAt) {
    if (due >= measuredFrom) {
      sent++;
      lateness.push(now - due);
    }
    client.send();
    due += due < measuredFrom ? warmingBetween : between;
  }
  if (due < endsAt) return;
  // What it has said already would end it once more.
  ticker.off("message", tick);
  void ticker.terminate();
};
ticker.on("message", tick);

/** Prints what was found, when every request has its answer or has had time enough. */
const look = setInterval(() => {
  const now = performance.now();
  const isOver = now >= endsAt && latencies.length + failed >= sent;
  if (!isOver && now < endsAt + DRAIN_MS) return;
  clearInterval(look);
  latencies.sort((a, b) => a - b);
  lateness.sort((a, b) => a - b);
  const found: Latencies = {
    perSecond: sent / options.seconds,
    done: latencies.length,
    failed: Math.max(failed, sent - latencies.length),
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    p999Ms: quantile(latencies, 0.999),
    lateP99Ms: quantile(lateness, 0.99),
  };
  process.stdout.write(JSON.stringify(found), () => process.exit(0));
}, LOOK_MS);
