// `linkspan explain` against a running daemon: what it says is what requests meet there.
import assert from "node:assert/strict";
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { describe, it } from "node:test";
import type { ExplainAnswer, ExplainQuestion } from "../../src/naming/explanation.ts";
import { type Backend, startBackend } from "../load/backend.ts";
import { askOnce } from "../load/open-load.ts";
import { runCli } from "./cli.ts";
import { startDaemon, type TestDaemon } from "./daemon.ts";
import { type TempFolder, tempFolder } from "./temp-folder.ts";

interface Scene extends AsyncDisposable {
  readonly folder: TempFolder;
  readonly daemon: TestDaemon;
  readonly backends: readonly Backend[];
}

async function openScene(workers: number): Promise<Scene> {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(tempFolder());
  const backends = await Promise.all(["a", "b", "c"].map((name) => startBackend(name)));
  for (const [at, backend] of backends.entries()) {
    stack.use(backend);
    folder.write(`disco/s${at}`, `127.0.0.1 ${backend.port}\n`);
  }
  const yaml = `
workers: ${workers}
admin: {port: 0}
namers: [{kind: io.l5d.fs, rootDir: ./disco}]
routers:
- protocol: http
  label: web
  identifier: [{kind: io.l5d.header, header: x-name}, {kind: io.l5d.header.token}]
  dtab: |
    /svc => /#/io.l5d.fs ;
    /svc/users => 3 * /#/io.l5d.fs/s0 & 1 * /#/io.l5d.fs/s1 ;
  servers: [{port: 0}]
`;
  const daemon = stack.use(await startDaemon(yaml, folder.path));
  return { folder, daemon, backends, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function ask({ adminUrl }: TestDaemon, question: ExplainQuestion): Promise<ExplainAnswer> {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify(question);
  const response = await fetch(`${adminUrl}/api/explain`, { method: "POST", body, headers });
  assert.equal(response.status, 200, body);
  return (await response.json()) as ExplainAnswer;
}

/** Of a request for `g` with that dtab. */
async function statusOf(port: number, dtab: string): Promise<number> {
  const headers = { host: "g", "l5d-dtab": dtab };
  const [response] = (await once(get({ port, headers }), "response")) as [IncomingMessage];
  response.resume();
  await once(response, "end");
  return response.statusCode ?? 0;
}

for (const workers of [0, 1]) {
  describe(`explain, of a daemon with ${workers} workers`, { timeout: 90_000 }, () => {
    it("shows rules with their lines, shares and what requests go to", async () => {
      await using scene = await openScene(workers);
      const { daemon, backends } = scene;
      assert.equal((await askOnce({ port: daemon.port, host: "users" })).status, 200);
      const { code, out } = await runCli(["explain", "--admin", daemon.adminUrl, "users"]);
      assert.equal(code, 0, out);
      assert.match(out, /3\.00 \(75\.0 %\) \/#\/io\.l5d\.fs\/s0 .*confirmed/);
      assert.match(out, /at configuration:11\)/);
      assert.match(out, new RegExp(`25\\.0 % /#/io\\.l5d\\.fs/s1: 127\\.0\\.0\\.1:${backends[1]?.port}`));
      assert.doesNotMatch(out, /Requests go to .* until/);
    });

    it("begins with a request by the identifiers of the router, and by the dtab that it brings", async () => {
      await using scene = await openScene(workers);
      const { adminUrl } = scene.daemon;
      const field = "l5d-dtab: /svc/x => /#/io.l5d.fs/s2";
      const args = ["--request", "GET http://x/", "-H", field, "-H", "user-agent: curl"];
      const { code, out } = await runCli(["explain", "--admin", adminUrl, ...args]);
      assert.equal(code, 0, out);
      assert.match(out, /^io\.l5d\.header\.token takes the request for \/svc\/x, with the dtab/);
      assert.match(out, /\/#\/io\.l5d\.fs\/s2 .* at --dtab\)/);
      const named = await runCli([
        "explain",
        "--admin",
        adminUrl,
        "--request",
        "GET /",
        "-H",
        "host: q",
        "-H",
        "x-name: /s1",
      ]);
      assert.match(named.out, /^io\.l5d\.header takes the request for \/svc\/s1\n/);
      const none = await runCli(["explain", "--admin", adminUrl, "--request", "GET /nohost"]);
      assert.equal(none.code, 2);
      assert.match(none.err, /must have a Host/);
    });

    it("says what would be with the dtab of another file, with the places in that file", async () => {
      await using scene = await openScene(workers);
      const file = scene.folder.write(
        "new.yaml",
        `namers: [{kind: io.l5d.fs, rootDir: ./nowhere}]
routers:
- protocol: http
  label: web
  dtab: |
    /svc => /none ;
    /svc/users => /none | /#/io.l5d.fs/s2 ;
  servers: [{port: 4140}]
`,
      );
      const args = ["explain", "--admin", scene.daemon.adminUrl, "--with", file, "users"];
      const { code, out } = await runCli(args);
      assert.equal(code, 0, out);
      assert.match(out, /2\. \/#\/io\.l5d\.fs\/s2 = .*new\.yaml:7\)/);
      const asData = await runCli([...args, "--json"]);
      const { chosen, rules } = JSON.parse(asData.out) as ExplainAnswer;
      assert.deepEqual(chosen, [{ id: "/#/io.l5d.fs/s2", residual: "/", share: 1 }]);
      assert.ok(rules.every(({ place }) => place?.startsWith(file)));
    });

    it("says of generated dtabs what requests with them meet", async () => {
      await using scene = await openScene(workers);
      const { daemon, backends } = scene;
      const branches = ["/#/io.l5d.fs/s0", "/#/io.l5d.fs/s1", "/#/io.l5d.fs/s2", "/svc/s1", "/none", "$", "!", "~"];
      for (let round = 0; round < 24; round++) {
        const part = (at: number): string => branches[(round * 7 + at * 3 + (round >> at)) % branches.length] as string;
        const local = `/svc/g => (${part(0)} | ${part(1)}) ; /svc/g/h => ${round % 3} * ${part(2)} & 2 * ${part(3)}`;
        const { chosen, services } = await ask(daemon, { name: "/svc/g", local });
        const ports = new Set(chosen.flatMap(({ id }) => services[id]?.addresses.map(({ address }) => address) ?? []));
        const before = backends.map(({ requests }) => requests);
        const statuses = new Set<number>();
        for (let sent = 0; sent < 8; sent++) {
          statuses.add(await statusOf(daemon.port, local));
        }
        for (const [at, backend] of backends.entries()) {
          const address = `127.0.0.1:${backend.port}`;
          if (backend.requests > (before[at] ?? 0)) assert.ok(ports.has(address), `${address} was called: ${local}`);
        }
        assert.equal(statuses.has(200), ports.size > 0, `${[...statuses].join()}: ${local}`);
      }
    });
  });
}
