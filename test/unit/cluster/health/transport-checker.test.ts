import assert from "node:assert/strict";
import { test } from "node:test";
import { failures } from "../../../../src/base/failure.ts";
import type { CheckResult } from "../../../../src/cluster/health/check.ts";
import { writeHealthRequest } from "../../../../src/cluster/health/grpc-health.ts";
import { GrpcQuestion, HttpQuestion, type Question } from "../../../../src/cluster/health/question.ts";
import { TransportChecker } from "../../../../src/cluster/health/transport-checker.ts";
import type { BodySink, BodySource } from "../../../../src/http/body.ts";
import { type Exchange, Layout } from "../../../../src/http/exchange.ts";
import { HeaderList } from "../../../../src/http/header-list.ts";
import { FakeClock, turn } from "../../../../src/testing/index.ts";
import { FakeTransport } from "../../../fakes/fake-transport.ts";

const address = { host: "10.0.0.1", port: 80, weight: 1 };

function bench(question?: Question, clock = new FakeClock()) {
  const transport = new FakeTransport();
  const checker = new TransportChecker({
    transport,
    clock,
    layout: new Layout(),
    timeoutMs: 1_000,
    ...(question === undefined ? {} : { question }),
  });
  const stop = new AbortController();
  return { clock, transport, stop, check: () => checker.check(address, stop.signal) };
}

/** The check's own exchange. */
function asked(transport: FakeTransport): Exchange {
  const [connection] = transport.busy;
  const [x] = connection?.attempts.keys() ?? [];
  assert.ok(x);
  return x;
}

async function answered(status: number): Promise<CheckResult> {
  const { transport, check, clock } = bench(new HttpQuestion("/health", "http"));
  const result = check();
  await turn();
  const x = asked(transport);
  assert.deepEqual(
    [x.request.method, x.request.target, x.request.headers.get("host")],
    ["GET", "/health", "10.0.0.1:80"],
  );
  transport.of(x).answer(x, status);
  const said = await result;
  assert.equal(transport.connections.size, 0, "a connection is left");
  assert.equal(clock.waiting, 0, "a timer is left");
  return said;
}

test("by HTTP, statuses from 200 to 399 pass", async () => {
  for (const [status, outcome] of [
    [200, "passed"],
    [204, "passed"],
    [399, "passed"],
    [400, "failed"],
    [404, "failed"],
    [503, "failed"],
  ] as const) {
    assert.deepEqual(await answered(status), { outcome, answer: String(status) });
  }
});

test("by TCP, a connection that is made passes, and one that is refused fails", async () => {
  const { transport, check } = bench();
  assert.deepEqual(await check(), { outcome: "passed", answer: "connected" });
  transport.listening.set("10.0.0.1:80", "refuses");
  assert.deepEqual(await check(), { outcome: "failed", answer: "ECONNREFUSED" });
});

test("a check that is not answered in time fails, whether it waits for a connection or for the answer", async () => {
  const { transport, check, clock } = bench(new HttpQuestion("/health", "http"));
  const silent = check();
  await turn();
  clock.advance(1_000);
  assert.deepEqual(await silent, { outcome: "failed", answer: "no answer in 1000 ms" });
  transport.listening.set("10.0.0.1:80", "hangs");
  const hanging = check();
  clock.advance(1_000);
  assert.equal((await hanging).outcome, "failed");
  assert.equal(clock.waiting, 0);
  assert.equal(transport.connections.size, 0);
});

/** Timers fire only after the process has stood still. */
class LateClock extends FakeClock {
  override timer(ms: number, fn: () => void): Disposable {
    return super.timer(ms + 5_000, fn);
  }
}

test("a time that is over only because this process stood still says nothing", async () => {
  const clock = new LateClock();
  const { check } = bench(new HttpQuestion("/health", "http"), clock);
  const result = check();
  await turn();
  clock.advance(6_000);
  assert.deepEqual(await result, { outcome: "unknown", answer: "not looked at for 5000 ms" });
});

test("a host that has no sockets left says nothing of its endpoints", async () => {
  const { transport, check } = bench();
  transport.connect = () => Promise.reject(Object.assign(new Error("connect EMFILE"), { code: "EMFILE" }));
  assert.deepEqual(await check(), { outcome: "unknown", answer: "EMFILE" });
});

test("an endpoint that breaks off fails, and one that is stopped from being asked says nothing", async () => {
  const { transport, check, stop } = bench(new HttpQuestion("/health", "http"));
  const broken = check();
  await turn();
  const x = asked(transport);
  transport.of(x).fail(x, failures["upstream.reset"]);
  assert.deepEqual(await broken, { outcome: "failed", answer: "upstream.reset" });
  const stopped = check();
  stop.abort();
  assert.equal((await stopped).outcome, "unknown");
});

/** The answer of a server of gRPC: a message, then its status in the trailers. */
async function served(message: readonly number[], status: string | undefined): Promise<CheckResult> {
  const { transport, check } = bench(new GrpcQuestion("shop"));
  const result = check();
  await turn();
  const x = asked(transport);
  assert.equal(x.request.target, "/grpc.health.v1.Health/Check");
  assert.equal(x.requestBody.length, writeHealthRequest("shop").length);
  const bytes = Buffer.from([0, 0, 0, 0, message.length, ...message]);
  let sink: BodySink | undefined;
  const body: BodySource = { length: -1, started: false, drained: () => undefined, pipe: (to) => void (sink = to) };
  transport.of(x).answer(x, 200, body);
  sink?.chunk(bytes);
  if (status !== undefined) x.trailers = HeaderList.of([["grpc-status", status]]);
  sink?.end();
  transport.of(x).end(x);
  return result;
}

test("by gRPC, SERVING passes and everything else fails", async () => {
  assert.deepEqual(await served([0x08, 1], "0"), { outcome: "passed", answer: "SERVING" });
  assert.deepEqual(await served([0x08, 2], "0"), { outcome: "failed", answer: "NOT_SERVING" });
  assert.deepEqual(await served([], "0"), { outcome: "failed", answer: "UNKNOWN" });
  assert.deepEqual(await served([0x08, 3], "0"), { outcome: "failed", answer: "SERVICE_UNKNOWN" });
  assert.deepEqual(await served([0x12, 1], "0"), { outcome: "failed", answer: "garbled" });
  assert.deepEqual(await served([0x08, 1], "12"), { outcome: "failed", answer: "grpc-status 12" });
  assert.deepEqual(await served([0x08, 1], undefined), { outcome: "failed", answer: "grpc-status none" });
});

test("the request of gRPC names the service, or is empty for the whole server", () => {
  assert.deepEqual([...writeHealthRequest("")], [0, 0, 0, 0, 0]);
  assert.deepEqual([...writeHealthRequest("ab")], [0, 0, 0, 0, 4, 0x0a, 2, 97, 98]);
  assert.deepEqual([...writeHealthRequest("x".repeat(200))].slice(0, 8), [0, 0, 0, 0, 203, 0x0a, 0xc8, 0x01]);
});
