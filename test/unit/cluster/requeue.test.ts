import assert from "node:assert/strict";
import { test } from "node:test";
import { asRetryable, failures } from "../../../src/base/failure.ts";
import type { BodySource } from "../../../src/http/body.ts";
import type { AccrualPolicyFactory } from "../../../src/cluster/accrual-policy.ts";
import { Budget } from "../../../src/router/budget.ts";
import { FakeClock, turn } from "../../../src/testing/index.ts";
import { clusterBench } from "../../fakes/cluster-bench.ts";

const afterFive: AccrualPolicyFactory = {
  create: () => {
    let failed = 0;
    return {
      success: () => void (failed = 0),
      failure: () => (++failed >= 5 ? 5_000 : undefined),
      revived: () => void 0,
    };
  },
};

async function settled(): Promise<void> {
  for (let n = 0; n < 40; n++) await turn();
}

test("an exchange whose endpoint refuses connections is sent to another one", async () => {
  const { source, send, transport, hearer } = clusterBench();
  transport.listening.set("10.0.0.1:80", "refuses");
  source.at(80, 81);
  for (let n = 0; n < 20; n++) {
    const x = send();
    await settled();
    transport.of(x).reply(x);
    assert.deepEqual(hearer.of(x), ["200", "end"]);
  }
});

test("a dead port costs one connect, not one for each request", async () => {
  const { source, send, transport } = clusterBench();
  transport.listening.set("10.0.0.1:80", "refuses");
  source.at(80, 81);
  for (let n = 0; n < 50; n++) {
    const x = send();
    await settled();
    transport.of(x).reply(x);
  }
  assert.equal(transport.dialled.filter((key) => key === "10.0.0.1:80").length, 1);
});

test("where none is open, one that was taken out for its answers is tried, and serves", async () => {
  const { source, send, transport, hearer, cluster } = clusterBench({ accrual: afterFive });
  source.at(81);
  for (let n = 0; n < 5; n++) {
    const x = send();
    await settled();
    transport.of(x).fail(x, failures["upstream.reset"]);
  }
  transport.listening.set("10.0.0.1:80", "refuses");
  source.at(80, 81);
  for (let n = 0; n < 10; n++) {
    const x = send();
    await settled();
    transport.of(x).reply(x);
    assert.deepEqual(hearer.of(x), ["200", "end"]);
    if (cluster.status !== "open") return;
  }
  assert.fail("the closed port was never tried");
});

test("the one of a hundred endpoints that takes connections is found by the first exchange", async () => {
  const ports = Array.from({ length: 100 }, (_, n) => 1_000 + n);
  const { source, send, transport, hearer } = clusterBench();
  for (const port of ports.slice(1)) transport.listening.set(`10.0.0.1:${port}`, "refuses");
  source.at(...ports);
  const x = send();
  for (let n = 0; n < 100; n++) await settled();
  transport.of(x).reply(x);
  assert.deepEqual(hearer.of(x), ["200", "end"]);
});

test("of a thousand endpoints that refuse connections one exchange tries 501, and the next others", async () => {
  const { source, send, transport, hearer } = clusterBench();
  const ports = Array.from({ length: 1_000 }, (_, n) => 1_000 + n);
  for (const port of ports) transport.listening.set(`10.0.0.1:${port}`, "refuses");
  source.at(...ports);
  const dialledBy = async (): Promise<number> => {
    const before = transport.dialled.length;
    const x = send();
    for (let n = 0; n < 1_000 && x.failure === undefined; n++) await settled();
    await settled();
    assert.deepEqual(hearer.of(x), ["connect.failed", "end"]);
    return transport.dialled.length - before;
  };
  assert.deepEqual([await dialledBy(), await dialledBy()], [501, 499]);
  assert.equal(new Set(transport.dialled).size, 1_000);
});

test("with no accrual and no busy mark a closed port is tried 26 times", async () => {
  const { source, send, transport, hearer } = clusterBench({ connectFailuresToBusy: Infinity });
  transport.listening.set("10.0.0.1:80", "refuses");
  source.at(80);
  const x = send();
  await settled();
  assert.equal(transport.dialled.length, 26);
  assert.deepEqual(hearer.of(x), ["connect.failed", "end"]);
});

test("a closed port with accrual after 5 failures is tried 5 times, and then no endpoint is open", async () => {
  const { source, send, transport, hearer, metrics } = clusterBench(
    { connectFailuresToBusy: Infinity },
    { accrual: afterFive },
  );
  transport.listening.set("10.0.0.1:80", "refuses");
  source.at(80);
  const x = send();
  await settled();
  assert.equal(transport.dialled.length, 5);
  assert.deepEqual(hearer.of(x), ["connect.failed", "end"]);
  const notOpen = metrics.families().find((family) => family.spec.name === "linkspan_requeues_not_open_total");
  assert.deepEqual(
    notOpen?.series.map((each) => ("value" in each ? each.value : undefined)),
    [1],
  );
});

test("an endpoint that the exchange has not tried is preferred", async () => {
  const { source, send, transport } = clusterBench({ connectFailuresToBusy: Infinity });
  const ports = [80, 81, 82, 83, 84, 85];
  for (const port of ports) transport.listening.set(`10.0.0.1:${port}`, "refuses");
  source.at(...ports);
  send();
  await settled();
  assert.equal(new Set(transport.dialled.slice(0, 6)).size, 6);
});

test("an exchange whose body has begun to leave is not sent again", async () => {
  const { source, send, transport, hearer } = clusterBench();
  source.at(80, 81);
  const started: BodySource = { length: 5, started: true, pipe: () => undefined, drained: () => undefined };
  const x = send();
  await settled();
  x.requestBody = started;
  transport.of(x).fail(x, asRetryable(failures["upstream.reset"]));
  assert.deepEqual(hearer.of(x), ["upstream.reset", "end"]);
});

test("what was sent and refused is sent again only while the budget pays", async () => {
  let tokens = 1;
  let deposits = 0;
  const budget = { balance: 10, deposit: () => void deposits++, withdraw: () => tokens-- > 0 };
  const { source, send, transport, hearer } = clusterBench({}, { requeueBudget: budget });
  source.at(80, 81, 82);
  const x = send();
  await settled();
  transport.of(x).fail(x, failures["upstream.refused"]);
  await settled();
  assert.deepEqual(hearer.of(x), []);
  transport.of(x).reply(x);
  assert.deepEqual(hearer.of(x), ["200", "end"]);
  assert.equal(deposits, 1);
  const y = send();
  await settled();
  transport.of(y).fail(y, failures["upstream.refused"]);
  await settled();
  assert.deepEqual(hearer.of(y), ["upstream.refused", "end"]);
});

test("what was sent and refused is not sent again without a budget", async () => {
  const { source, send, transport, hearer } = clusterBench();
  source.at(80, 81);
  const x = send();
  await settled();
  transport.of(x).fail(x, failures["upstream.refused"]);
  assert.deepEqual(hearer.of(x), ["upstream.refused", "end"]);
});

/** Linkerd 1's own numbers: 1000 in for each success at 50 %, 2000 out for each requeue, and no reserve. */
test("each request gets a fifth of the balance that it began with, and a refusal beyond that stands for good", async () => {
  const clock = new FakeClock();
  const half = { minRetriesPerSec: 0, percentCanRetry: 0.5, ttlMs: 10_000 };
  const budget = new Budget(half, clock);
  const { source, send, transport, hearer, metrics } = clusterBench(
    { connectFailuresToBusy: Infinity },
    { requeueBudget: budget, clock },
  );
  const series = (name: string) =>
    metrics.families().flatMap((family) => (family.spec.name === name ? family.series : []));
  const counted = (name: string, reason?: string): number =>
    series(name)
      .filter(({ labels }) => reason === undefined || labels["reason"] === reason)
      .reduce((sum, each) => sum + ("value" in each ? each.value : 0), 0);
  source.at(80);
  const ask = async (...answers: readonly ("ok" | "nack")[]): Promise<string> => {
    const x = send();
    for (const answer of answers) {
      await settled();
      if (answer === "ok") transport.of(x).reply(x);
      else transport.of(x).fail(x, failures["upstream.refused"]);
    }
    await settled();
    assert.equal(x.failure?.flags.has("retryable") ?? false, false);
    return hearer.of(x).join(" ");
  };
  assert.deepEqual([await ask("ok"), budget.balance], ["200 end", 0]);
  assert.deepEqual([await ask("ok"), budget.balance], ["200 end", 1]);
  assert.deepEqual([await ask("nack", "ok"), budget.balance], ["200 end", 0]);
  assert.equal(counted("linkspan_requeues_total"), 1);
  assert.equal(await ask("nack"), "upstream.refused end");
  assert.equal(counted("linkspan_requeues_refused_total", "share"), 1);
  assert.equal(counted("linkspan_requeues_total"), 1);
  transport.listening.set("10.0.0.1:80", "refuses");
  const last = send();
  await settled();
  assert.deepEqual(hearer.of(last), ["connect.failed", "end"]);
  assert.equal(counted("linkspan_requeues_total"), 26);
  const times = series("linkspan_requeued_requests_total").map((each) => [
    each.labels["times"],
    "value" in each ? each.value : 0,
  ]);
  assert.deepEqual(times, [
    ["1", 2],
    ["2", 1],
    ["3", 1],
    ["10", 1],
  ]);
  assert.equal(counted("linkspan_requeue_budget_tokens"), 0);
});

test("what was refused after its body had begun is counted, and not sent again", async () => {
  const { source, send, transport, metrics } = clusterBench();
  source.at(80, 81);
  const x = send();
  await settled();
  x.requestBody = { length: 5, started: true, pipe: () => undefined, drained: () => undefined };
  transport.of(x).fail(x, failures["upstream.refused"]);
  const refused = metrics.families().find(({ spec }) => spec.name === "linkspan_requeues_refused_total");
  const body = refused?.series.find(({ labels }) => labels["reason"] === "body");
  assert.equal(body && "value" in body ? body.value : undefined, 1);
});

test("a failure that is not known to be unprocessed is not sent again", async () => {
  const { source, send, transport, hearer } = clusterBench();
  source.at(80, 81);
  const x = send();
  await settled();
  transport.of(x).fail(x, failures["upstream.reset"]);
  assert.deepEqual(hearer.of(x), ["upstream.reset", "end"]);
});

test("no attempt begins after the binding timeout", async () => {
  const { source, send, transport, hearer, clock } = clusterBench({
    bindingTimeoutMs: 2_500,
    connectFailuresToBusy: Infinity,
  });
  for (const port of [80, 81]) transport.listening.set(`10.0.0.1:${port}`, "hangs");
  source.at(80, 81);
  const x = send();
  await clock.advanceAsync(3_000);
  assert.deepEqual(hearer.of(x), ["connect.timeout", "end"]);
  assert.equal(transport.dialled.length, 3);
});
