// A request that is slow at one endpoint is answered by another, over HTTP/1 and over HTTP/2; the first is let go.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createServer2 } from "node:http2";
import type { AddressInfo, Server } from "node:net";
import { describe, it } from "node:test";
import { askOnce } from "../load/open-load.ts";
import { waitUntil } from "../load/wait-until.ts";
import { startDaemon } from "./daemon.ts";

/** Two endpoints: each never answers the first request that comes to either of them. */
async function two(protocol: "http" | "h2") {
  const seen = { requests: 0, letGo: 0 };
  const handle = (
    name: string,
    path: string,
    answer: (body: string) => void,
    closed: (fn: () => void) => void,
  ): void => {
    seen.requests++;
    const isFirst = seen.requests === 1;
    if (!isFirst || path === "/quick") return answer(name);
    closed(() => seen.letGo++);
  };
  const http1 = (name: string): Server =>
    createServer((request, response) => {
      handle(
        name,
        request.url ?? "",
        (body) => response.end(body),
        (fn) => response.once("close", fn),
      );
    });
  const http2 = (name: string): Server =>
    createServer2((request, response) => {
      handle(
        name,
        request.url,
        (body) => response.end(body),
        (fn) => request.once("aborted", fn),
      );
    });
  const servers = ["one", "two"].map(protocol === "http" ? http1 : http2);
  for (const server of servers) await once(server.listen(0, "127.0.0.1"), "listening");
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  const close = (): void => {
    for (const server of servers) {
      if ("closeAllConnections" in server) (server.closeAllConnections as () => void)();
      server.close();
    }
  };
  return { seen, ports, [Symbol.dispose]: close };
}

for (const protocol of ["http", "h2"] as const) {
  describe(`a hedged request over ${protocol}`, { timeout: 60_000 }, () => {
    it("is answered by the second endpoint, and reset at the first", async () => {
      using backends = await two(protocol);
      const tree = backends.ports.map((port) => `1 * /$/inet/127.0.0.1/${port}`).join(" & ");
      const router = {
        protocol: "http",
        dtab: `/svc/web => ${tree}`,
        client: { protocol },
        service: { hedge: { after: "50ms", budget: 1 } },
        servers: [{ port: 0 }],
      };
      await using daemon = await startDaemon(JSON.stringify({ routers: [router], admin: { port: 0 } }));
      const answer = await askOnce({ port: daemon.port, host: "web", path: "/" });
      assert.deepEqual([answer.status, answer.code], [200, undefined]);
      assert.ok(answer.body === "one" || answer.body === "two", answer.body);
      assert.ok(answer.tookMs >= 45, `${answer.tookMs} ms`);
      await waitUntil("the first attempt is reset", 2_000, () => backends.seen.letGo === 1);
      assert.equal(backends.seen.requests, 2);
      const quick = await askOnce({ port: daemon.port, host: "web", path: "/quick" });
      assert.equal(quick.status, 200);
      assert.equal(backends.seen.requests, 3);
      const metrics = await (await fetch(`${daemon.adminUrl}/metrics`)).text();
      assert.match(metrics, /linkspan_hedges_total\{[^}]*result="won"[^}]*\} 1/);
    });
  });
}
