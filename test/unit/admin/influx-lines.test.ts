import assert from "node:assert/strict";
import { test } from "node:test";
import { influxLines } from "../../../src/admin/influx-lines.ts";
import type { LinkerdBranch, LinkerdSample } from "../../../src/admin/linkerd-samples.ts";
import { LogLinearHistogram } from "../../../src/base/histogram.ts";

const sample = (own: Partial<LinkerdSample>): LinkerdSample => ({
  router: "http",
  scope: "service",
  id: "svc/web",
  metric: "requests",
  value: 1,
  kind: "counter",
  ...own,
});

/** Each sample group at a place of its own. */
function linesOf(host: string, ...places: readonly (readonly LinkerdSample[])[]): string {
  const branches = places.map((samples): LinkerdBranch => {
    const { router = "", scope = "router", id = "" } = samples[0] ?? {};
    const place = { router, scope, id, name: id, samples: () => samples, histograms: () => [] };
    return { router, scope, places: [place] };
  });
  return [...influxLines(branches, (_place, _metric, histogram) => histogram, host)].join("");
}

test("what stands at one place is one line, with fields and tags in order", () => {
  const text = linesOf(
    "here:9990",
    [sample({}), sample({ metric: "pending", value: 3, kind: "gauge" }), sample({ metric: "retries/total", value: 2 })],
    [sample({ scope: "router", id: "", metric: "originator", kind: "gauge" })],
    [sample({ scope: "process", id: "", router: "", metric: "gc/msec", value: 7, kind: "gauge" })],
  );
  assert.deepEqual(text.split("\n"), [
    "rt:service,host=here:9990,rt=http,service=svc/web pending=3.0,requests=1",
    "rt:service:retries,host=here:9990,rt=http,service=svc/web total=2",
    "rt,host=here:9990,rt=http originator=1.0",
    "jvm:gc,host=here:9990 msec=7.0",
    "",
  ]);
});

test("a histogram is a field for each of its numbers, all 0 while it is empty", () => {
  const histogram = new LogLinearHistogram();
  const latency = (): string =>
    linesOf("h", [sample({ metric: "latency_ms", value: histogram.snapshot(), kind: "histogram" })]);
  assert.match(
    latency(),
    / latency_ms_avg=0\.0,latency_ms_count=0,latency_ms_max=0,latency_ms_min=0,latency_ms_p50=0,/,
  );
  for (const ms of [1, 2, 3]) histogram.record(ms);
  assert.match(
    latency(),
    /latency_ms_avg=2\.0,latency_ms_count=3,.*latency_ms_p999=2\.9\d*,latency_ms_p9999=2\.9\d*,latency_ms_sum=6\n$/,
  );
});

test("what would end a tag is escaped", () => {
  const text = linesOf("none", [sample({ router: "a b,c=d", id: "x" })]);
  assert.equal(text, "rt:service,host=none,rt=a\\ b\\,c\\=d,service=x requests=1\n");
});
