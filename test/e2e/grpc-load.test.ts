/** Calls of many shapes over one daemon: no message lost, doubled or reordered, and no stream that stalls. */
import assert from "node:assert/strict";
import { it } from "node:test";
import type { ClientOptions } from "@grpc/grpc-js";
import { seededRandom } from "../../src/testing/index.ts";
import type { GrpcBackend } from "../fakes/grpc-peers.ts";
import { startPlannedBackend, startResettingBackend } from "../load/grpc-backends.ts";
import { grpcLoad, type LoadReport } from "../load/grpc-load.ts";
import { type Plan, plans } from "../load/grpc-plans.ts";
import { slowness, waitUntil } from "../load/wait-until.ts";
import { grpcSite, type GrpcSiteOptions } from "./grpc-site.ts";

const isLong = process.env["LINKSPAN_TESTS"] === "long";
const forMs = isLong ? 300_000 : 30_000;
const stallMs = 20_000 * slowness;

interface Shape {
  readonly name: string;
  /** Of the time. */
  readonly share: number;
  readonly concurrency: number;
  readonly site?: GrpcSiteOptions;
  readonly caller?: ClientOptions;
  /** The most messages of a call, and the most bytes of a message, where each byte goes by itself. */
  readonly most?: { readonly up: number; readonly size: number };
}

const shapes: readonly Shape[] = [
  { name: "windows as they come", share: 0.7, concurrency: 32 },
  {
    name: "windows of one byte",
    share: 0.15,
    concurrency: 8,
    site: { router: ["client: {initialStreamWindowBytes: 1}"], server: "initialStreamWindowBytes: 1" },
    most: { up: 6, size: 40 },
  },
  {
    name: "small windows of all sides",
    share: 0.15,
    concurrency: 16,
    site: { router: ["client: {initialStreamWindowBytes: 1000}"], server: "initialStreamWindowBytes: 3000" },
    caller: { "grpc-node.flow_control_window": 2_000 },
  },
];

/** Draws plans no larger than that. */
function drawn(seed: number, most: Shape["most"]): () => Plan {
  const random = seededRandom(seed);
  const plan = plans(() => random.next());
  if (most === undefined) return plan;
  return () => {
    const large = plan();
    return { ...large, up: Math.min(large.up, most.up), size: Math.min(large.size, most.size) };
  };
}

/** What the daemon says that it is busy with. */
async function pendingOf(adminUrl: string): Promise<readonly string[]> {
  const metrics = await (await fetch(`${adminUrl}/metrics`)).text();
  return metrics.split("\n").filter((line) => /^linkspan_(?:server|attempts|requests)_pending\{/.test(line));
}

for (const [at, shape] of shapes.entries()) {
  const limits = { timeout: forMs + 180_000 };
  it(`no message is lost, doubled or reordered, and no stream stalls: ${shape.name}`, limits, async (t) => {
    const flaws: string[] = [];
    await using backends = new AsyncDisposableStack();
    const open = async (start: () => Promise<GrpcBackend>): Promise<number> => backends.use(await start()).port;
    const echo = [];
    for (let count = 0; count < 3; count++) echo.push(await open(() => startPlannedBackend(flaws)));
    const resetting = [await open(startResettingBackend)];
    await using site = await grpcSite({ echo, resetting }, shape.site);
    const caller = (name: string) => site.caller(name, shape.caller);
    const callers = Array.from({ length: 4 }, () => ({ echo: caller("echo"), resetting: caller("resetting") }));
    const report = await grpcLoad({
      callers,
      plan: drawn(20_261_123 + at, shape.most),
      concurrency: shape.concurrency,
      forMs: forMs * shape.share,
      stallMs,
      flaws,
    });
    const { calls, messages, byEnd } = report;
    t.diagnostic(`${calls} calls with ${messages} answers: ${JSON.stringify(byEnd)}, ${percentiles(report)}`);
    assert.deepEqual(report.flaws.slice(0, 10), []);
    for (const count of Object.values(byEnd)) assert.ok(count > 0, JSON.stringify(byEnd));
    assert.ok(calls > 100, `${calls} calls`);
    await waitUntil("no call is under way any more", 10_000, async () => {
      const pending = await pendingOf(site.daemon.adminUrl);
      return pending.length >= 3 && pending.every((line) => line.endsWith(" 0"));
    });
  });
}

function percentiles({ latenciesMs }: LoadReport): string {
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  return [0.5, 0.99, 1]
    .map((share) => `p${share * 100} ${sorted[Math.ceil(share * sorted.length) - 1]?.toFixed(0)} ms`)
    .join(", ");
}
