import assert from "node:assert/strict";
import { test } from "node:test";
import type { Address } from "../../../src/base/address.ts";
import type { HealthReport, HealthSource, HealthSubject } from "../../../src/base/health.ts";
import { HealthDesk } from "../../../src/threads/health-desk.ts";
import type { HealthBatch, HealthRequest } from "../../../src/threads/health-messages.ts";
import { RemoteHealth } from "../../../src/threads/remote-health.ts";

const subject: HealthSubject = { stack: "http", router: "http", id: "/#/fs/users" };
const at = (port: number): Address => ({ host: "10.0.0.1", port, weight: 1 });
const report = (answer: string): HealthReport => new Map([["10.0.0.1:80", { isHealthy: false, answer, since: 1 }]]);

/** A prober that says what a test says. */
class FakeProber implements HealthSource {
  readonly watched: { id: string; ports: number[]; hear: (report: HealthReport) => void }[] = [];
  watch({ id }: HealthSubject, hear: (report: HealthReport) => void) {
    const watch = { id, ports: [] as number[], hear };
    this.watched.push(watch);
    return {
      follow: (addresses: readonly Address[]) => void (watch.ports = addresses.map(({ port }) => port)),
      [Symbol.dispose]: () => void this.watched.splice(this.watched.indexOf(watch), 1),
    };
  }
}

/** A worker and a control thread, and what is on its way to the worker. */
function pair() {
  const prober = new FakeProber();
  const batches: HealthBatch[] = [];
  const desk = new HealthDesk(prober, (batch) => void batches.push(structuredClone(batch)));
  const remote = new RemoteHealth();
  const sent: HealthRequest[] = [];
  remote.attach((request) => {
    sent.push(request);
    desk.hear(structuredClone(request));
  });
  const deliver = (): void => batches.splice(0).forEach((batch) => remote.hear(batch));
  return { prober, desk, remote, sent, batches, deliver };
}

test("nothing is said between threads while nothing is to be checked", () => {
  const { sent, remote } = pair();
  remote.detach();
  remote.attach((request) => void sent.push(request));
  assert.deepEqual(sent, []);
});

test("a worker's endpoints are checked in the control thread, and it hears what comes of it", () => {
  const { prober, remote, deliver } = pair();
  const heard: string[] = [];
  const watch = remote.watch(subject, (each) => void heard.push(each.get("10.0.0.1:80")?.answer ?? ""));
  watch.follow([at(80), at(81)]);
  assert.deepEqual(prober.watched[0]?.ports, [80, 81]);
  watch.follow([at(80)]);
  assert.deepEqual(
    prober.watched.map(({ ports }) => ports),
    [[80]],
  );
  prober.watched[0]?.hear(report("503"));
  deliver();
  assert.deepEqual(heard, ["503"]);
  watch[Symbol.dispose]();
  assert.equal(prober.watched.length, 0);
});

test("while a batch is on its way reports gather, and only the newest is sent", () => {
  const { prober, remote, batches, deliver } = pair();
  const heard: string[] = [];
  remote.watch(subject, (each) => void heard.push(each.get("10.0.0.1:80")?.answer ?? "")).follow([at(80)]);
  for (const answer of ["500", "501", "502", "503"]) prober.watched[0]?.hear(report(answer));
  assert.equal(batches.length, 1);
  deliver();
  deliver();
  assert.deepEqual(heard, ["500", "503"]);
});

test("the next control thread is asked for everything again; what is not watched any more is not", () => {
  const { remote } = pair();
  const gone = remote.watch(subject, () => undefined);
  gone.follow([at(79)]);
  remote.watch(subject, () => undefined).follow([at(80)]);
  remote.detach();
  gone[Symbol.dispose]();
  const next = new FakeProber();
  const desk = new HealthDesk(next, () => undefined);
  remote.attach((request) => desk.hear(request));
  assert.deepEqual(
    next.watched.map(({ ports }) => ports),
    [[80]],
  );
  desk[Symbol.dispose]();
  assert.equal(next.watched.length, 0);
});
