/** Faults, shadows and rules of answers in a whole daemon, as the short form says them. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { waitUntil } from "../load/wait-until.ts";
import { startDaemon } from "./daemon.ts";
import { tempFolder } from "./temp-folder.ts";

interface Seen {
  readonly url: string;
  readonly body: string;
}

/** A backend that keeps what it was asked, and answers with a status. */
async function backend(status: number): Promise<AsyncDisposable & { readonly port: number; readonly seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer((asked, answer) => {
    void text(asked).then((body) => {
      seen.push({ url: asked.url ?? "", body });
      answer.writeHead(status).end("answer");
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Asked {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

async function ask(port: number, { path = "/", headers = {}, body }: Asked = {}): Promise<IncomingMessage> {
  const sent = request({
    host: "127.0.0.1",
    port,
    path,
    method: body === undefined ? "GET" : "POST",
    headers: { host: "users", ...headers },
    agent: false,
  });
  const [response] = (await once(sent.end(body), "response")) as [IncomingMessage];
  response.resume();
  return response;
}

describe("for tests of users", () => {
  it("faults delay and abort requests that match, and say so", async () => {
    await using users = await backend(200);
    await using folder = tempFolder({ users: `127.0.0.1 ${users.port}\n` });
    await using daemon = await startDaemon(
      `admin: {port: 0}
sources: {files: {files: .}}
listen: 0
routes:
  users:
    to: files/users
    faults:
      - {match: {headers: {x-fault: abort}}, abort: 503}
      - {match: {path: /slow/}, delay: 300ms}
`,
      folder.path,
    );
    assert.equal((await ask(daemon.port)).statusCode, 200);
    const aborted = await ask(daemon.port, { headers: { "x-fault": "abort" } });
    assert.equal(aborted.statusCode, 503);
    assert.match(String(aborted.headers["l5d-err"]), /injected/);
    const since = performance.now();
    assert.equal((await ask(daemon.port, { path: "/slow/1" })).statusCode, 200);
    assert.ok(performance.now() - since >= 299);
    assert.equal(users.seen.length, 2);
  });

  it("shadows get copies, bodies too, and their answers are thrown away", async () => {
    await using users = await backend(200);
    await using next = await backend(500);
    await using folder = tempFolder({ users: `127.0.0.1 ${users.port}\n`, next: `127.0.0.1 ${next.port}\n` });
    await using daemon = await startDaemon(
      `admin: {port: 0}
sources: {files: {files: .}}
listen: 0
routes:
  users: {to: files/users, shadow: {to: files/next}}
`,
      folder.path,
    );
    assert.equal((await ask(daemon.port, { path: "/a" })).statusCode, 200);
    assert.equal((await ask(daemon.port, { path: "/b", body: "a body" })).statusCode, 200);
    await waitUntil("both copies have come", 5_000, () => next.seen.length === 2);
    assert.deepEqual(users.seen, [
      { url: "/a", body: "" },
      { url: "/b", body: "a body" },
    ]);
    assert.deepEqual(
      next.seen.toSorted((a, b) => (a.url < b.url ? -1 : 1)),
      users.seen,
    );
    const metrics = await (await fetch(`${daemon.adminUrl}/metrics`)).text();
    assert.match(metrics, /linkspan_shadows_total\{router="http",result="sent"\} 2/);
    assert.match(metrics, /linkspan_requests_total\{router="http",service="\/#\/files\/next",class="failure"\} 2/);
  });

  it("rules say which answers are failures", async () => {
    await using users = await backend(404);
    await using folder = tempFolder({ users: `127.0.0.1 ${users.port}\n` });
    await using daemon = await startDaemon(
      `admin: {port: 0}
sources: {files: {files: .}}
listen: 0
routes:
  users:
    to: files/users
    classify:
      - {path: /search, status: 404, as: success}
      - {status: 400-499, as: failure}
`,
      folder.path,
    );
    assert.equal((await ask(daemon.port, { path: "/search" })).headers["l5d-success-class"], "1.0");
    assert.equal((await ask(daemon.port, { path: "/users" })).headers["l5d-success-class"], "0.0");
  });
});
