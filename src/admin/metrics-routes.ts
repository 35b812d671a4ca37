/** The three faces of the metrics: our own, and Linkerd 1's as JSON and as Prometheus lines. */
import type { ServerResponse } from "node:http";
import type { MetricsView } from "../base/metrics-registry.ts";
import type { Clock } from "../base/time.ts";
import { Turnstile } from "../base/turnstile.ts";
import { gathered } from "./gathered.ts";
import { influxLines } from "./influx-lines.ts";
import { flatJson, prometheusLines, treeJson } from "./linkerd-formats.ts";
import { type LinkerdBranch, linkerdBranches, processBranch, type ToldOf } from "./linkerd-samples.ts";
import type { MinuteWindows } from "./minute-windows.ts";
import type { ProcessMetrics } from "./process-metrics.ts";
import { prometheusTexts } from "./prometheus-text.ts";
import { sendPieces } from "./send-pieces.ts";
import { type AdminHandler, type AdminRoute, sendJson, sendText } from "./server.ts";

const prometheusType = "text/plain; version=0.0.4; charset=utf-8";
const json = "application/json";
const yes = new Set(["1", "t", "true"]);

export interface MetricsSources {
  readonly registry: MetricsView;
  /** Has the threads write down what their gauges show, as far as they answer in time. */
  readonly refresh: () => Promise<void>;
  readonly windows: MinuteWindows;
  readonly process: ProcessMetrics;
  readonly clock: Clock;
  /** Where Linkerd 1's metrics are read by Prometheus, and how their names begin; of two at one path the later counts. */
  readonly prometheus: readonly PrometheusPlace[];
  /** Whether there are lines for InfluxDB. */
  readonly influx: boolean;
}

/** Linkerd 1's metrics as they are now, each place of which is read when it is its turn. */
export async function linkerdMetrics({
  registry,
  refresh,
  process,
}: Pick<MetricsSources, "registry" | "refresh" | "process">): Promise<readonly LinkerdBranch[]> {
  await refresh();
  return [processBranch(await process.linkerd()), ...linkerdBranches(registry)];
}

export interface PrometheusPlace {
  readonly path: string;
  readonly prefix: string;
}

const standard: PrometheusPlace = { path: "/admin/metrics/prometheus", prefix: "" };

/** Of thousands of names a scrape is a second's work and more, and there is one thread for all of them. */
const AT_ONCE = 4;
const WAITING = 16;

export function metricsRoutes(sources: MetricsSources): readonly AdminRoute[] {
  const { windows, clock, influx, prometheus } = sources;
  const scrapes = new Turnstile(AT_ONCE, WAITING);
  const told: ToldOf = (place, metric, histogram) => windows.windowOf(place, metric, histogram);
  const get = (path: string, handle: AdminHandler): AdminRoute => ({
    method: "GET",
    path,
    handle: (request, response) => oneOf(scrapes, response, () => handle(request, response)),
  });
  const send = (response: ServerResponse, texts: Iterable<string>, type: string, ifNone?: () => void): Promise<void> =>
    sendPieces(response, gathered(texts), { type, clock, ...(ifNone === undefined ? {} : { ifNone }) });

  return [
    get("/admin/metrics.json", async ({ url }, response) => {
      const asked = (name: string): boolean => yes.has(url.searchParams.get(name) ?? "");
      const branches = await linkerdMetrics(sources);
      if (asked("tree")) return send(response, treeJson(branches, told), json);
      const subtree = url.searchParams.get("q") ?? undefined;
      const texts = flatJson(branches, told, { subtree, isPretty: asked("pretty") });
      await send(response, texts, json, () => sendJson(response, { error: `No such subtree: ${subtree}` }, 404));
    }),
    ...[standard, ...prometheus].map(({ path, prefix }) =>
      get(path, async (_, response) =>
        send(response, prometheusLines(await linkerdMetrics(sources), told, prefix), prometheusType),
      ),
    ),
    ...(influx ? ["/admin/metrics/influxdb"] : []).map((path) =>
      get(path, async ({ raw }, response) => {
        const host = raw.headers.host ?? "none";
        await send(response, influxLines(await linkerdMetrics(sources), told, host), "text/plain; charset=utf-8");
      }),
    ),
    get("/metrics", async (_request, response) => {
      await sources.refresh();
      await sendPieces(response, ownPieces(sources), { type: prometheusType, clock });
    }),
  ];
}

/** Answers 503 where too many are under way. */
async function oneOf(scrapes: Turnstile, response: ServerResponse, scrape: () => void | Promise<void>): Promise<void> {
  try {
    await scrapes.pass(async () => {
      // Who has left while it waited needs no answer.
      if (!response.destroyed) await scrape();
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EBUSY" || response.headersSent) throw error;
    sendText(response, 503, "too many read the metrics at once\n");
  }
}

async function* ownPieces({ registry, process }: MetricsSources): AsyncGenerator<string> {
  yield* gathered(prometheusTexts(registry.streams()));
  yield await process.text();
}
