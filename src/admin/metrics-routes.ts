/** The three faces of the metrics: our own, and Linkerd 1's as JSON and as Prometheus lines. */
import type { HistogramSnapshot } from "../base/histogram.ts";
import type { MetricsView } from "../base/metrics-registry.ts";
import type { Clock } from "../base/time.ts";
import { influxLines } from "./influx-lines.ts";
import { flatJson, prometheusLines, treeJson } from "./linkerd-formats.ts";
import { type LinkerdSample, linkerdSamples } from "./linkerd-samples.ts";
import type { MinuteWindows } from "./minute-windows.ts";
import type { ProcessMetrics } from "./process-metrics.ts";
import { prometheusPieces } from "./prometheus-text.ts";
import { sendPieces } from "./send-pieces.ts";
import { type AdminHandler, type AdminRoute, sendJson, sendText } from "./server.ts";

const prometheusType = "text/plain; version=0.0.4; charset=utf-8";
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

/** Linkerd 1's metrics as they are now; of a histogram what `windowOf` gives of it. */
export async function scrape(
  { registry, refresh, process }: Pick<MetricsSources, "registry" | "refresh" | "process">,
  windowOf: (key: string, histogram: HistogramSnapshot) => HistogramSnapshot,
): Promise<readonly LinkerdSample[]> {
  await refresh();
  const own = linkerdSamples(registry.families(), windowOf);
  return [...(await process.linkerd()), ...own];
}

export interface PrometheusPlace {
  readonly path: string;
  readonly prefix: string;
}

const standard: PrometheusPlace = { path: "/admin/metrics/prometheus", prefix: "" };

export function metricsRoutes(sources: MetricsSources): readonly AdminRoute[] {
  const { windows } = sources;
  const samples = (): Promise<readonly LinkerdSample[]> =>
    scrape(sources, (key, histogram) => windows.windowOf(key, histogram));

  const asJson: AdminHandler = async ({ url }, response) => {
    if (yes.has(url.searchParams.get("tree") ?? "")) return sendJson(response, treeJson(await samples()));
    const subtree = url.searchParams.get("q") ?? undefined;
    const flat = flatJson(await samples(), subtree);
    if (subtree !== undefined && Object.keys(flat).length === 0) {
      return sendJson(response, { error: `No such subtree: ${subtree}` }, 404);
    }
    if (!yes.has(url.searchParams.get("pretty") ?? "")) return sendJson(response, flat);
    const sorted = Object.fromEntries(Object.entries(flat).sort(([a], [b]) => (a < b ? -1 : 1)));
    sendText(response, 200, `${JSON.stringify(sorted, undefined, 2)}\n`, "application/json");
  };

  return [
    { method: "GET", path: "/admin/metrics.json", handle: asJson },
    ...[standard, ...sources.prometheus].map(({ path, prefix }): AdminRoute => ({
      method: "GET",
      path,
      handle: async (_, response) => sendText(response, 200, prometheusLines(await samples(), prefix), prometheusType),
    })),
    ...(sources.influx ? [influxRoute(samples)] : []),
    {
      method: "GET",
      path: "/metrics",
      handle: async (_request, response) => {
        await sources.refresh();
        await sendPieces(response, ownPieces(sources), prometheusType, sources.clock);
      },
    },
  ];
}

async function* ownPieces({ registry, process }: MetricsSources): AsyncGenerator<string> {
  yield* prometheusPieces(registry.streams());
  yield await process.text();
}

function influxRoute(samples: () => Promise<readonly LinkerdSample[]>): AdminRoute {
  return {
    method: "GET",
    path: "/admin/metrics/influxdb",
    handle: async ({ raw }, response) =>
      sendText(response, 200, influxLines(await samples(), raw.headers.host ?? "none")),
  };
}
