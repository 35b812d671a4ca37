// What is sent again on real sockets: whole bodies or none, no sooner than asked, and nothing to nobody.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { letPass, waitUntil } from "../load/wait-until.ts";
import { startDaemon } from "./daemon.ts";

interface Seen {
  readonly body: string;
  readonly at: number;
  closed: boolean;
}

/** Two instances that keep what they were asked, and answer the nth request as they are told. */
async function site(answer: (nth: number, response: ServerResponse) => void, service: object) {
  const seen: Seen[] = [];
  const handle = (asked: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    asked.on("data", (bytes: Buffer) => chunks.push(bytes));
    asked.on("end", () => {
      const each = { body: Buffer.concat(chunks).toString(), at: performance.now(), closed: false };
      response.on("close", () => (each.closed = true));
      answer(seen.push(each), response);
    });
  };
  const servers = [createServer(handle), createServer(handle)];
  for (const server of servers) await once(server.listen(0, "127.0.0.1"), "listening");
  const tree = servers.map((server) => `1 * /$/inet/127.0.0.1/${(server.address() as AddressInfo).port}`).join(" & ");
  const routers = [{ protocol: "http", dtab: `/svc/web => ${tree}`, service, servers: [{ port: 0 }] }];
  const daemon = await startDaemon(JSON.stringify({ routers, admin: { port: 0 } }));
  return {
    seen,
    port: daemon.port,
    [Symbol.asyncDispose]: async () => {
      await daemon[Symbol.asyncDispose]();
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

interface Sent {
  readonly body?: string;
  readonly isChunked?: boolean;
  readonly leave?: AbortSignal;
}

function send(port: number, { body = "", isChunked = false, leave }: Sent = {}): Promise<string> {
  const length = isChunked ? { "transfer-encoding": "chunked" } : { "content-length": Buffer.byteLength(body) };
  const method = body === "" ? "GET" : "POST";
  return new Promise((resolve) => {
    const sent = request({ host: "127.0.0.1", port, method, headers: { host: "web", ...length } }, (response) => {
      response.resume();
      response.on("end", () =>
        resolve(`${response.statusCode} ${String(response.headers["linkspan-code"] ?? "")}`.trim()),
      );
    });
    sent.on("error", () => resolve("gone"));
    // Only closed, the caller might still read.
    leave?.addEventListener("abort", () => sent.socket?.resetAndDestroy());
    sent.end(body);
  });
}

const firstFails = (nth: number, response: ServerResponse): void => {
  response.writeHead(nth === 1 ? 503 : 200, { "content-length": 0 }).end();
};
const all = { responseClassifier: { kind: "io.l5d.http.retryableAll5XX" } };

describe("a request that is tried again", { timeout: 60_000 }, () => {
  it("has its whole body with it, where that is short and says how long it is", async () => {
    const body = "0123456789".repeat(400);
    await using here = await site(firstFails, all);
    assert.equal(await send(here.port, { body }), "200");
    assert.deepEqual(
      here.seen.map((each) => each.body === body),
      [true, true],
    );
  });

  it("is not tried again with a body that is long, or does not say how long it is", async () => {
    for (const sent of [{ body: "0123456789".repeat(2_000) }, { body: "short", isChunked: true }]) {
      await using here = await site(firstFails, all);
      assert.equal(await send(here.port, sent), "503");
      assert.equal(here.seen.length, 1);
    }
  });

  it("waits for as long as the answer asks", async () => {
    const busy = (nth: number, response: ServerResponse): void => {
      const asks = nth === 1 ? { "retry-after": "1" } : {};
      response.writeHead(nth === 1 ? 503 : 200, { "content-length": 0, ...asks }).end();
    };
    await using here = await site(busy, all);
    assert.equal(await send(here.port), "200");
    const [first, second] = here.seen;
    assert.ok((second?.at ?? 0) - (first?.at ?? 0) >= 990);
  });

  it("is not, once its caller has left", async () => {
    const backoff = { kind: "constant", ms: 300 };
    await using here = await site(firstFails, { ...all, retries: { backoff } });
    const leaving = new AbortController();
    const sent = send(here.port, { leave: leaving.signal });
    await waitUntil("the first attempt has failed", 2_000, () => here.seen.length === 1);
    await letPass(50);
    leaving.abort();
    assert.equal(await sent, "gone");
    await letPass(500);
    assert.equal(here.seen.length, 1);
  });

  it("is 504 when its time is up, and its last attempt is reset", async () => {
    const hangs = (nth: number, response: ServerResponse): void => {
      if (nth === 1) response.writeHead(503, { "content-length": 0 }).end();
    };
    await using here = await site(hangs, { ...all, totalTimeoutMs: 300 });
    assert.equal(await send(here.port), "504 total.timeout");
    await waitUntil("the last attempt is reset", 2_000, () => here.seen[1]?.closed === true);
    assert.equal(here.seen.length, 2);
  });
});
