// A backend that fails, and one that is asked for more than it can do, under load on real sockets: what it sees of that,
// and what its callers get. Scaled down but in the long set.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { type Answer, OpenLoad } from "../load/open-load.ts";
import { letPass, slowness, waitUntil } from "../load/wait-until.ts";
import { startDaemon, type TestDaemon } from "./daemon.ts";
import { heapInUse } from "./heap.ts";

/** What the test keeps of an answer, at most. */
const BYTES_EACH = 256;

const isLong = process.env["LINKSPAN_TESTS"] === "long";

async function serving(handle: (request: IncomingMessage, response: ServerResponse) => void) {
  const server: Server = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
    request.resume();
    handle(request, response);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function before(port: number, router: object): Promise<TestDaemon> {
  const dtab = `/svc => /$/inet/127.0.0.1/${port}`;
  const servers = [{ port: 0 }];
  return startDaemon(JSON.stringify({ routers: [{ protocol: "http", dtab, servers, ...router }], admin: { port: 0 } }));
}

const succeeded = (answers: readonly Answer[]): Answer[] => answers.filter(({ status }) => status === 200);

describe("a backend that fails every request", { timeout: 180_000 }, () => {
  const perSecond = isLong ? 1_000 : 200;
  const failsMs = isLong ? 30_000 : 5_000;

  it("sees no more than a quarter beside what was sent to it, and serves again as soon as it can", async (t) => {
    const seen = { requests: 0, fails: true };
    await using backend = await serving((_, response) => {
      seen.requests++;
      response.writeHead(seen.fails ? 503 : 200, { "content-length": 2 }).end("ok");
    });
    const service = { responseClassifier: { kind: "io.l5d.http.retryableRead5XX" } };
    await using daemon = await before(backend.port, { service });
    await using load = new OpenLoad({ port: daemon.port, host: "web", perSecond });
    await letPass(failsMs);
    const offered = load.answers.length;
    const storm = seen.requests;
    // The reserve of the budget, 10 a second for 10 s, comes on top of a fifth where the load is this small.
    const reserve = isLong ? 0 : 100;
    assert.ok(offered >= 0.9 * load.offeredShare * perSecond * (failsMs / 1_000), `${offered} answers`);
    assert.ok(storm > 1.15 * offered, "nothing was tried again");
    assert.ok(storm <= 1.25 * offered + reserve, `${storm} for ${offered}: ${storm / offered} times the load`);
    seen.fails = false;
    const healedAt = performance.now();
    const tookMs = await waitUntil("a hundred successes in a row", 2_000, () => {
      const last = load.after(healedAt).slice(-100);
      return last.length === 100 && succeeded(last).length === 100;
    });
    await load.stop();
    t.diagnostic(`${(storm / offered).toFixed(3)} times the load; healed within ${Math.round(tookMs)} ms`);
    const kinds = new Set(load.answers.map(({ status, code }) => `${status} ${code ?? "of the backend"}`));
    assert.deepEqual([...kinds].toSorted(), ["200 of the backend", "503 of the backend"]);
  });
});

describe("backends asked for three times of what they can do", { timeout: 180_000 }, () => {
  const atOnce = 10;
  const serviceMs = 50;
  /** What `atOnce` places of `serviceMs` each can do in a second, at best. */
  const capacity = (atOnce * 1_000) / serviceMs;
  const loadMs = isLong ? 30_000 : 6_000;

  /** Serves so many at once, and the others in turn, as a pool of threads does. */
  async function pooled() {
    const waiting: ServerResponse[] = [];
    let busy = 0;
    const work = { done: 0, ms: 0 };
    const next = (): void => {
      const response = waiting.shift();
      if (response === undefined) return;
      busy++;
      const begunAt = performance.now();
      setTimeout(() => {
        busy--;
        work.done++;
        work.ms += performance.now() - begunAt;
        response.end("ok");
        next();
      }, serviceMs);
    };
    const server = await serving((_, response) => {
      response.on("close", () => {
        const at = waiting.indexOf(response);
        if (at >= 0) waiting.splice(at, 1);
      });
      waiting.push(response);
      if (busy < atOnce) next();
    });
    return { ...server, work };
  }

  for (const [how, client] of [
    ["as many as the file says", { maxConcurrentRequests: 2 * atOnce, maxPendingRequests: 2 * atOnce }],
    ["as many as it learns", { adaptiveConcurrency: true }],
  ] as const) {
    it(`serve what they can, and the rest is refused at once: ${how} at a time`, async (t) => {
      await using backend = await pooled();
      const timeouts = { service: { totalTimeoutMs: 2_000 } };
      await using daemon = await before(backend.port, {
        client: { ...client, failureAccrual: { kind: "none" } },
        ...timeouts,
      });
      await using load = new OpenLoad({ port: daemon.port, host: "web", perSecond: 3 * capacity, timeoutMs: 5_000 });
      await letPass(loadMs / 3);
      const heapBefore = await heapInUse();
      const answersBefore = load.answers.length;
      const from = performance.now();
      await letPass((2 * loadMs) / 3);
      const seconds = (performance.now() - from) / 1_000;
      const done = load.answers.filter(({ sentAt, tookMs }) => sentAt + tookMs >= from);
      const served = succeeded(done);
      const kept = load.answers.length - answersBefore;
      const heapGrowth = (await heapInUse()) - heapBefore;
      await load.stop();
      // On a machine with other things to do a service of 50 ms takes longer, and less can be done.
      const tookEach = backend.work.ms / backend.work.done;
      const goodput = (served.length * tookEach) / (seconds * 1_000 * atOnce);
      const tookMs = served.map((each) => each.tookMs).toSorted((a, b) => a - b);
      const p99 = tookMs[Math.floor(tookMs.length * 0.99)] ?? Infinity;
      const grown = `the heap grew by ${(heapGrowth / 2 ** 20).toFixed(1)} MiB, with ${kept} answers that the test keeps`;
      t.diagnostic(`${(100 * goodput).toFixed(1)} % of the capacity, p99 ${Math.round(p99)} ms; ${grown}`);
      assert.ok(goodput >= 0.9, `${(100 * goodput).toFixed(1)} % of what it can do`);
      assert.ok(p99 <= 1_000 * slowness * (tookEach / serviceMs), `p99 of what was served: ${Math.round(p99)} ms`);
      const refused = load.answers.filter(({ status }) => status !== 200);
      assert.deepEqual(
        [...new Set(refused.map(({ status, code }) => `${status} ${code}`))],
        ["503 cluster.overloaded"],
      );
      assert.ok(heapGrowth < 3 * 2 ** 20 + kept * BYTES_EACH, grown);
    });
  }
});
