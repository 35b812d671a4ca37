/** A changed file is taken up object by object: no request fails, no connection ends, and a bad file changes nothing. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent } from "node:http";
import { connect } from "node:http2";
import { createServer } from "node:net";
import { describe, it } from "node:test";
import type { ThreadedDaemon } from "../../src/thread-linker.ts";
import { askOnce, failed, OpenLoad } from "../load/open-load.ts";
import { startBackend } from "../load/backend.ts";
import { waitUntil } from "../load/wait-until.ts";
import { freePort } from "../servers/free-port.ts";
import { runCli, spawnDaemon } from "./cli.ts";
import { Dynasty, FILE } from "./dynasty.ts";
import { NAMERS, ReloadedSite, router } from "./reloaded-site.ts";
import { tempFolder } from "./temp-folder.ts";

const TO_A = "/svc/x => /#/io.l5d.fs/a";
const TO_B = "/svc/x => /#/io.l5d.fs/b";
const yaml = (dtab = TO_A, keys = ""): string => `${NAMERS}routers:\n${router(dtab, keys)}`;

const kinds = ({ changes }: { readonly changes: readonly { kind: string; change: string }[] }): string =>
  changes.map(({ kind, change }) => `${kind} ${change}`).join(", ");

/** Asks until the backend with that name answers: a kept name moves as soon as its new tree is known. */
const becomes = (port: number, body: string): Promise<number> =>
  waitUntil(`${body} answers`, 5_000, async () => (await askOnce({ port, host: "x" })).body === body);

const answers = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/admin/ping`).then(
    () => true,
    () => false,
  );

/** Files that differ from the first in one thing, what is told of it, and who answers then. */
function changesOf(other: number): readonly (readonly [yaml: string, expected: string, answers: string])[] {
  const [first, more] = ["{kind: io.l5d.fs, rootDir: disco}", "{kind: io.l5d.fs, prefix: /more, rootDir: disco}"];
  const server = (text: string): string => yaml().replace("servers: [{port: 0}]", `servers: [${text}]`);
  const top = (text: string): string => `${text}\n${yaml()}`;
  const identifiers = "identifier: [{kind: io.l5d.header.token}, {kind: io.l5d.static, path: /x}]";
  return [
    [yaml(TO_B), "dtab changed", "b"],
    [yaml(TO_A, "client: {connectTimeoutMs: 700}"), "client changed", "a"],
    [yaml(TO_A, "service: {totalTimeoutMs: 9000}"), "service changed", "a"],
    [yaml(TO_A, "bindingTimeoutMs: 9000"), "router changed", "a"],
    [yaml().replace("identifier: {kind: io.l5d.header.token}", identifiers), "identifier changed", "a"],
    [yaml().replace(TO_A, "/host/x => /#/io.l5d.fs/b").replace("protocol", "dstPrefix: /host, protocol"), MOVED, "b"],
    [server("{port: 0, maxCallDepth: 9}"), "server changed", "a"],
    [server(`{port: 0}, {port: ${other}}`), "server added", "a"],
    [`${yaml()}${router(TO_B, "label: two", `port: ${other}`)}`, "router added, server added", "a"],
    [yaml().replace(first, `${first}, ${more}`), "namer added", "a"],
    [yaml("/svc/x => /#/more/b").replace(first, more), "namer removed, namer added, dtab changed", "b"],
    [yaml().replace("rootDir: disco", "rootDir: ./disco"), "namer changed", "a"],
    [top("guard: {hold: 5s}"), "settings changed", "a"],
    [top("log: {level: debug}"), "settings changed", "a"],
    [
      yaml().replace("admin: {port: 0}", "admin: {port: 0, shutdownGraceMs: 9}"),
      "settings changed, settings changed",
      "a",
    ],
  ];
}
const MOVED = "router changed, dtab changed";

for (const workers of [0, 1, 2]) {
  describe(`with ${workers} workers`, { timeout: 120_000 }, () => {
    it("each kind of object can change alone, under load, on connections that stay", async () => {
      await using site = await ReloadedSite.open(yaml(), workers);
      const { port } = site;
      const other = await freePort();
      const agent = new Agent({ keepAlive: true, maxSockets: 4 });
      await using load = new OpenLoad({ port, host: "x", perSecond: 200, agent });
      await waitUntil("requests are answered", 5_000, () => load.answers.length > 50);
      const connections = await site.metric("linkspan_server_connections");
      for (const [text, expected, body] of changesOf(other)) {
        const there = await site.reload(text);
        assert.deepEqual([there.result, kinds(there)], ["applied", expected], JSON.stringify(there));
        await becomes(port, body);
        const back = await site.reload(yaml());
        assert.deepEqual([back.result, back.changes.length], ["applied", there.changes.length], JSON.stringify(back));
        await becomes(port, "a");
      }
      await load.stop();
      assert.deepEqual(failed(load.answers), []);
      assert.ok(connections !== undefined && connections <= 5, `${connections} connections`);
      assert.deepEqual(site.logged("bug"), []);
    });

    it("streams of HTTP/2 go on, and the next one of the same connection takes what is new", async () => {
      await using site = await ReloadedSite.open(yaml(TO_A, "label: web"), workers);
      site.a.delayMs = 600;
      const session = connect(`http://127.0.0.1:${site.port}`);
      const ask = async (): Promise<string> => {
        let text = "";
        const stream = session.request({ ":path": "/", ":authority": "x" }).setEncoding("utf8");
        stream.on("data", (part: string) => (text += part)).end();
        await once(stream, "close");
        return text;
      };
      try {
        const slow = ask();
        await waitUntil("the request is under way", 5_000, () => site.a.requests === 1);
        const report = await site.reload(yaml(TO_B, "label: web, service: {totalTimeoutMs: 9000}"));
        assert.equal(report.result, "applied", JSON.stringify(report));
        await becomes(site.port, "b");
        assert.equal(await ask(), "b");
        assert.equal(await slow, "a");
      } finally {
        session.destroy();
      }
    });

    it("connections to endpoints stay where neither the id nor its settings changed", async () => {
      const client = (ms: number): string =>
        `client: {kind: io.l5d.static, configs: [{prefix: /#/io.l5d.fs/b, connectTimeoutMs: ${ms}}]}`;
      await using site = await ReloadedSite.open(yaml(`${TO_A} ; /svc/y => /#/io.l5d.fs/b`, client(500)), workers);
      // One connection, so that one worker serves all of it.
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      await using x = new OpenLoad({ port: site.port, host: "x", perSecond: 0, agent });
      await using y = new OpenLoad({ port: site.port, host: "y", perSecond: 0, agent });
      const ask = async (): Promise<readonly number[]> => {
        await x.sendOne();
        await y.sendOne();
        return [site.a.connections, site.b.connections];
      };
      assert.deepEqual(await ask(), [1, 1]);
      const report = await site.reload(yaml(`${TO_A} ; /svc/y => /#/io.l5d.fs/b`, client(600)));
      assert.equal(kinds(report), "client changed");
      assert.deepEqual(await ask(), [1, 2]);
      await waitUntil("the old cluster is gone", 5_000, async () => {
        const open = await site.metric(
          'linkspan_upstream_connections{router="http",cluster="/#/io.l5d.fs/b",status="open"}',
        );
        return open === 1;
      });
    });

    it("a file with mistakes changes nothing, says all of them as check does, and sets a metric", async () => {
      await using site = await ReloadedSite.open(yaml(), workers);
      const bad = yaml(TO_B).replace("protocol: http", "protocol: htp, labl: x");
      const report = await site.reload(bad);
      const checked = await runCli(["check", "--json", "linkspan.yaml"], { cwd: site.folder.path });
      const { problems } = JSON.parse(checked.out) as Pick<typeof report, "problems">;
      const said = (all: typeof problems): readonly string[] =>
        all.map(({ line, column, code, message }) => `${line}:${column} ${code} ${message}`);
      assert.equal(report.result, "refused");
      assert.deepEqual(said(report.problems), said(problems));
      assert.ok(problems.length > 0);
      assert.equal((await askOnce({ port: site.port, host: "x" })).body, "a");
      assert.equal(await site.metric("linkspan_config_last_reload_success"), 0);
      assert.equal(await site.metric('linkspan_config_reloads_total{result="refused"}'), 1);
      assert.match(String(site.logged("config.refused")[0]?.["cause"]), /linkspan.yaml:4:/);
      assert.equal((await site.reload(yaml())).result, "unchanged");
      assert.equal(await site.metric("linkspan_config_last_reload_success"), 1);
    });

    it("a port that is taken has the whole reload refused", async () => {
      await using site = await ReloadedSite.open(yaml(), workers);
      const taken = createServer().listen(0, "127.0.0.1");
      await once(taken, "listening");
      const at = (taken.address() as { readonly port: number }).port;
      try {
        for (const text of [
          yaml(TO_B).replace("servers: [{port: 0}]", `servers: [{port: 0}, {port: ${at}}]`),
          yaml(TO_B).replace("admin: {port: 0}", `admin: {port: ${at}}`),
        ]) {
          const report = await site.reload(text);
          assert.equal(report.result, "refused", JSON.stringify(report));
          assert.match(report.cause ?? "", new RegExp(`:${at}.* is in use`));
          assert.equal((await askOnce({ port: site.port, host: "x" })).body, "a");
        }
      } finally {
        taken.close();
      }
      assert.deepEqual(site.logged("bug"), []);
    });

    it("the admin port moves, and answers where it was until it has", async () => {
      await using site = await ReloadedSite.open(yaml(), workers);
      const at = await freePort();
      const report = await site.reload(yaml().replace("admin: {port: 0}", `admin: {port: ${at}}`));
      assert.equal(kinds(report), "settings changed");
      await waitUntil("it answers there", 5_000, () => site.daemon.admin.port === at);
      assert.equal(await site.metric("linkspan_config_last_reload_success"), 1);
    });

    it("what needs another process is said, and the rest is taken up", async () => {
      await using site = await ReloadedSite.open(yaml(), workers);
      for (const dtab of [TO_B, TO_A]) {
        const report = await site.reload(`workers: 5\ncontrolHeapMb: 600\n${yaml(dtab)}`);
        assert.deepEqual([report.result, report.needsRestart], ["applied", ["workers", "controlHeapMb"]]);
      }
      assert.equal(site.logged("config.deferred").length, 2);
    });
  });
}

describe("threads", { timeout: 60_000 }, () => {
  it("that are started anew begin with what runs now", async () => {
    await using site = await ReloadedSite.open(yaml(), 1);
    const { supervisor } = site.daemon as ThreadedDaemon;
    const other = await freePort();
    const two = `${yaml(TO_B)}${router(TO_B, "label: two", `port: ${other}`)}`;
    assert.equal((await site.reload(two)).result, "applied");
    for (const which of [0, "control"] as const) {
      await supervisor.terminate(which, 0);
      await waitUntil(`${which} is back`, 10_000, () => site.logged("thread.restarted").length > (which === 0 ? 0 : 1));
      await becomes(site.port, "b");
      await becomes(other, "b");
    }
    await waitUntil("its admin port is back", 5_000, () => answers(site.daemon.admin.port));
    assert.equal((await site.reload(two)).result, "unchanged");
    assert.equal(kinds(await site.reload(yaml(TO_A))), "router removed, server removed, dtab changed");
    await becomes(site.port, "a");
  });
});

describe("a take-over", { timeout: 60_000 }, () => {
  it("finds the daemon where a reload has put its first server, and what it starts reloads as well", async () => {
    await using a = await startBackend("a");
    await using b = await startBackend("b");
    const [one, other] = [await freePort(), await freePort()];
    const file = (to: { readonly port: number }, ...ports: readonly number[]): string =>
      `workers: 1\nadmin: {port: 0}\nrouters:\n${router(`/svc/x => /$/inet/127.0.0.1/${to.port}`)}`.replace(
        "servers: [{port: 0}]",
        `servers: [${ports.map((port) => `{port: ${port}}`).join(", ")}]`,
      );
    await using dynasty = await Dynasty.found({ [FILE]: file(a, one) });
    dynasty.folder.write(FILE, file(a, other, one));
    await waitUntil("it listens there", 10_000, () => dynasty.log.logged("config.reloaded").length === 1);
    await dynasty.handOver();
    await dynasty.allGoneBut(1, 15_000);
    await becomes(one, "a");
    dynasty.folder.write(FILE, file(b, other));
    await becomes(other, "b");
    await dynasty.end(15_000);
  });
});

describe("who may ask", { timeout: 60_000 }, () => {
  it("no page of another site, nor of this one", async () => {
    await using site = await ReloadedSite.open(yaml(), 0);
    for (const path of ["/admin/reload", "/admin/diff"]) {
      const answer = await site.post(
        path,
        { text: yaml(TO_B) },
        { origin: `http://127.0.0.1:${site.daemon.admin.port}` },
      );
      assert.match(String(answer), /not taken from web pages/);
    }
  });

  it("a text that is compared has no plugin loaded", async () => {
    await using site = await ReloadedSite.open(yaml(), 0);
    site.folder.write("plugin.mjs", "globalThis.wasLoaded = true; export default [];");
    const report = await site.diff(`plugins: [./plugin.mjs]\n${yaml(TO_B)}`);
    assert.equal(report.ok, false);
    assert.match(report.problems[0]?.message ?? "", /plugin.mjs is not loaded for this/);
    assert.equal("wasLoaded" in globalThis, false);
    assert.equal(kinds(await site.diff(yaml(TO_B))), "dtab changed");
    assert.equal((await askOnce({ port: site.port, host: "x" })).body, "a");
  });
});

describe("linkspan run", { timeout: 60_000 }, () => {
  it("takes its file up when that changes, on SIGHUP, and when `linkspan reload` says so", async () => {
    using folder = tempFolder();
    const disco = (port: number): string => yaml(`/svc/x => /$/inet/127.0.0.1/${port}`);
    await using site = await ReloadedSite.open(yaml(), 0);
    folder.write("linkspan.yaml", disco(site.a.port));
    await using daemon = await spawnDaemon("linkspan.yaml", { cwd: folder.path });
    const { port } = daemon;
    const admin = ["--admin", `http://127.0.0.1:${daemon.adminPort}`];
    await becomes(port, "a");
    folder.write("linkspan.yaml", disco(site.b.port));
    await becomes(port, "b");
    // As a deployment that replaces the file and sends the signal at once.
    folder.write("linkspan.yaml", disco(site.a.port));
    daemon.process.signal("SIGHUP");
    await becomes(port, "a");
    folder.write("linkspan.yaml", disco(site.b.port));
    daemon.process.signal("SIGHUP");
    await becomes(port, "b");
    folder.write("next.yaml", disco(site.a.port));
    const differs = await runCli(["diff", "next.yaml", ...admin], { cwd: folder.path });
    assert.equal(differs.code, 1, differs.err);
    assert.match(differs.out, /^~ dtab http\n {4}- .*\n {4}\+ .*\n$/);
    const same = await runCli(["diff", "linkspan.yaml", "linkspan.yaml"], { cwd: folder.path });
    assert.deepEqual([same.code, same.out], [0, "Nothing would change.\n"]);
    folder.write("linkspan.yaml", disco(site.a.port));
    const reloaded = await runCli(["reload", ...admin], { cwd: folder.path });
    assert.equal(reloaded.code, 0, reloaded.err);
    await becomes(port, "a");
    folder.write("linkspan.yaml", "routers: []\n");
    const refused = await runCli(["reload", ...admin], { cwd: folder.path });
    assert.equal(refused.code, 78);
    assert.match(refused.err, /^linkspan.yaml:1:/m);
    await becomes(port, "a");
  });
});
