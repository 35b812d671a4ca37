import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";
import { datagramsOf, StatsdSender } from "../../../src/admin/statsd-sender.ts";
import type { MetricSpec } from "../../../src/base/metrics.ts";
import { MetricsRegistry } from "../../../src/base/metrics-registry.ts";
import { Scope } from "../../../src/base/scope.ts";
import { eventually, FakeClock, RecordingLog } from "../../../src/testing/index.ts";

const requests: MetricSpec = {
  name: "linkspan_requests_total",
  type: "counter",
  help: "Requests.",
  labels: ["router", "service", "class"],
};

async function listening(): Promise<{ socket: Socket; port: number; heard: string[] }> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const heard: string[] = [];
  socket.on("message", (bytes) => void heard.push(...bytes.toString().split("\n")));
  return { socket, port: socket.address().port, heard };
}

function sending(port: number, addresses: () => readonly string[]) {
  const registry = new MetricsRegistry();
  const labels = { router: "http", service: "/svc/users", class: "success" };
  const counter = registry.counter(requests, labels, new Scope());
  const clock = new FakeClock();
  const log = new RecordingLog();
  const settings = { prefix: "l5d", hostname: "statsd.example", port, gaugeIntervalMs: 1 };
  const process = { linkerd: async () => [], text: async () => "" };
  const sources = { registry, refresh: async () => undefined, process };
  const resolve = { addresses: async () => ({ addresses: addresses(), ttlMs: 1_000 }) };
  return { registry, counter, clock, log, open: () => new StatsdSender(settings, { sources, resolve, clock, log }) };
}

test("what is counted is sent, from when it is opened on, once a second at most, and no more when it is closed", async () => {
  const { socket, port, heard } = await listening();
  const { counter, clock, open } = sending(port, () => ["127.0.0.1"]);
  counter.value = 1_000;
  const sender = open();
  await eventually("it waits", () => clock.waiting === 1);
  counter.value = 1_007;
  clock.advance(999);
  clock.advance(1);
  await eventually("it is sent", () => heard.includes("l5d.rt.http.service.svc.users.requests:7|c"));
  await sender[Symbol.asyncDispose]();
  const before = heard.length;
  counter.value = 2_000;
  clock.advance(10_000);
  assert.equal(clock.waiting, 0);
  assert.equal(heard.length, before);
  socket.close();
});

test("a name that cannot be resolved is told once, and when it can be again", async () => {
  const { socket, port } = await listening();
  let addresses: readonly string[] = [];
  const { clock, log, open } = sending(port, () => addresses);
  await using _ = open();
  const round = async (): Promise<void> => {
    await eventually("it waits", () => clock.waiting === 1);
    clock.advance(1_000);
    await eventually("it waits", () => clock.waiting === 1);
  };
  await round();
  await round();
  addresses = ["127.0.0.1"];
  await round();
  assert.deepEqual(
    log.lines.map(({ event }) => event),
    ["statsd.failed", "statsd.recovered"],
  );
  socket.close();
});

test("of thousands of series all are sent, some at a time", async () => {
  const { socket, port, heard } = await listening();
  const { registry, clock, open } = sending(port, () => ["127.0.0.1"]);
  await using _ = open();
  await eventually("it waits", () => clock.waiting === 1);
  for (let n = 0; n < 4_000; n++) {
    registry.counter(requests, { router: "http", service: `/svc/name-${n}`, class: "success" }, new Scope()).value = 1;
  }
  clock.advance(1_000);
  const told = (): number => heard.filter((line) => line.endsWith(".requests:1|c")).length;
  await eventually("it pauses", () => told() > 500 && clock.waiting === 1);
  assert.ok(told() < 4_000);
  for (let pause = 0; pause < 50 && told() < 4_000; pause++) {
    clock.advance(100);
    const before = told();
    await eventually("more comes", () => told() > before || told() === 4_000);
  }
  assert.equal(told(), 4_000);
  socket.close();
});

test("lines go together as far as a datagram has room", () => {
  const lines = Array.from({ length: 100 }, (_, at) => `linkerd.some.metric.${at}:${at}|c`);
  const datagrams = [...datagramsOf(lines)];
  assert.deepEqual(
    datagrams.flatMap((each) => each.split("\n")),
    lines,
  );
  assert.ok(datagrams.length < 5 && datagrams.every((each) => each.length <= 1_400));
  assert.deepEqual([...datagramsOf([])], []);
  assert.deepEqual([...datagramsOf(["x".repeat(2_000)])], ["x".repeat(2_000)]);
});
