/** A process takes over from another: no request fails and no connection is refused, however often. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent } from "node:http";
import net from "node:net";
import { describe, it } from "node:test";
import { RawCaller } from "../fakes/raw-caller.ts";
import { startBackend } from "../load/backend.ts";
import { askOnce, failed, OpenLoad } from "../load/open-load.ts";
import { broken, startTalkingBackend, StreamLoad, type Talk } from "../load/stream-load.ts";
import { letPass, slowness } from "../load/wait-until.ts";
import { runCli } from "./cli.ts";
import { Dynasty, FILE } from "./dynasty.ts";
import { tempFolder } from "./temp-folder.ts";

const isLong = process.env["LINKSPAN_TESTS"] === "long";
const handOvers = isLong ? 200 : 20;
const GRACE_MS = 8_000 * slowness;

/** An HTTP/1 server, then one of HTTP/2. */
const yamlOf = (workers: number): string => `
admin: {port: 0}
workers: ${workers}
shutdown: {grace: ${GRACE_MS}ms}
namers:
- {kind: io.l5d.fs, rootDir: disco}
routers:
- protocol: http
  dtab: /svc => /#/io.l5d.fs
  servers: [{port: 0}]
- protocol: h2
  dtab: /svc => /#/io.l5d.fs
  servers: [{port: 0}]
`;

interface Site extends AsyncDisposable {
  readonly dynasty: Dynasty;
  readonly http1: number;
  readonly h2: number;
}

async function openSite(workers: number): Promise<Site> {
  await using stack = new AsyncDisposableStack();
  const backend = stack.use(await startBackend("served"));
  const grpc = stack.use(await startTalkingBackend());
  const dynasty = stack.use(
    await Dynasty.found({
      [FILE]: yamlOf(workers),
      "disco/users": `127.0.0.1 ${backend.port}\n`,
      "disco/talks": `127.0.0.1 ${grpc.port}\n`,
    }),
  );
  const all = stack.move();
  return {
    dynasty,
    http1: dynasty.port(0),
    h2: dynasty.port(1),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

const newConnections = (port: number, perSecond = 220): OpenLoad =>
  new OpenLoad({ port, host: "users", perSecond, agent: new Agent({ keepAlive: false }) });

/** Each connection is used several times a second. */
const keptConnections = (port: number): OpenLoad => {
  const agent = new Agent({ keepAlive: true, maxSockets: 16, scheduling: "fifo" });
  return new OpenLoad({ port, host: "users", perSecond: 100, agent });
};

function assertWhole(streams: readonly Talk[]): void {
  assert.ok(streams.length > 0);
  assert.deepEqual(broken(streams), []);
}

function assertServed(load: OpenLoad): void {
  assert.deepEqual(failed(load.answers).slice(0, 10), []);
  assert.ok(load.offeredShare >= 0.95, `only ${load.offeredShare} of the load was offered`);
}

describe("taking over", { timeout: isLong ? 1_150_000 : 600_000 }, () => {
  it(`${handOvers} times, with new connections, kept ones and streams: nothing fails`, async (t) => {
    await using site = await openSite(1);
    const { dynasty } = site;
    await using fresh = newConnections(site.http1);
    await using kept = keptConnections(site.http1);
    using streams = new StreamLoad(site.h2, "talks");
    const adminPort = Number(dynasty.log.logged("admin.listening")[0]?.["port"]);
    for (let done = 0; done < handOvers; done++) {
      const [old] = dynasty.pids.slice(-1);
      await dynasty.handOver();
      assert.notEqual(dynasty.pids.at(-1), old);
      assert.equal((await askOnce({ port: adminPort, host: "localhost", path: "/admin/ping" })).body, "pong");
      // As many as may drain at a time, and no more.
      await dynasty.allGoneBut(4, GRACE_MS + 1_000);
    }
    await fresh.stop();
    await kept.stop();
    const outcomes = await streams.stop();
    t.diagnostic(
      `${fresh.answers.length} connections, ${kept.answers.length} requests, ${outcomes.length} streams, ${streams.refused} refused`,
    );
    await dynasty.allGoneBut(1, GRACE_MS + 1_000);
    assertServed(fresh);
    assertServed(kept);
    assertWhole(outcomes);
    assert.ok(streams.refused <= handOvers, `${streams.refused} streams were refused`);
    assert.equal(dynasty.log.logged("takeover.finished").length, handOvers);
    // The admin port is handed over too, and nothing moves to another port.
    for (const event of ["server.listening", "admin.listening"]) {
      const ports = dynasty.log.logged(event).map(({ router, port }) => `${String(router)} ${String(port)}`);
      assert.equal(new Set(ports).size, ports.length / (handOvers + 1), event);
    }
    for (const event of ["bug", "takeover.failed", "takeover.unwanted", "thread.ended"]) {
      assert.deepEqual(dynasty.log.logged(event), []);
    }
    await dynasty.end(GRACE_MS + 1_000);
  });

  it("between processes of different numbers of workers", async () => {
    await using site = await openSite(2);
    const { dynasty } = site;
    await using fresh = newConnections(site.http1);
    await using kept = keptConnections(site.http1);
    using streams = new StreamLoad(site.h2, "talks");
    for (const workers of [1, 0, 2]) {
      dynasty.folder.write(FILE, yamlOf(workers));
      await dynasty.handOver();
      await letPass(500);
    }
    await fresh.stop();
    await kept.stop();
    assertServed(fresh);
    assertServed(kept);
    assertWhole(await streams.stop());
    await dynasty.allGoneBut(1, GRACE_MS + 1_000);
    assert.equal((await askOnce({ port: site.http1, host: "users" })).status, 200);
  });

  it("serves who connected to the old process and says something only now", async () => {
    await using site = await openSite(1);
    using silent = await RawCaller.connect(site.http1);
    using known = await RawCaller.connect(site.http1);
    const request = "GET / HTTP/1.1\r\nHost: users\r\n\r\n";
    known.send(request);
    await known.until(({ got }) => got.endsWith("served"));
    await site.dynasty.handOver();
    for (const caller of [silent, known]) {
      caller.send(request);
      await caller.until(({ state }) => state === "ended");
      assert.match(caller.got, /\r\nconnection: close\r\n(?:.+\r\n)*\r\nserved$/i);
    }
  });

  it("leaves the old one serving where the new one cannot be", async (t) => {
    await using site = await openSite(1);
    const { dynasty } = site;
    dynasty.folder.write("invalid.yaml", "routers: nothing\n");
    await using fresh = newConnections(site.http1, 50);
    assert.equal((await dynasty.ask("invalid.yaml")).code, 78);

    const other = net.createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    t.after(() => other.close());
    const { port } = other.address() as net.AddressInfo;
    const third = `- protocol: http\n  label: third\n  dtab: /svc => /#/io.l5d.fs\n  servers: [{port: ${port}}]\n`;
    dynasty.folder.write("third.yaml", `${yamlOf(1)}${third}`);
    const refused = await dynasty.ask("third.yaml");
    assert.equal(refused.code, 1);
    assert.match(refused.err, /\(takeover\.failed\)\nNext: read the log of the running daemon/);
    assert.match(dynasty.log.err, new RegExp(`127\\.0\\.0\\.1:${port} is in use`));
    assert.equal(dynasty.log.logged("takeover.failed").length, 1);

    await dynasty.handOver();
    await fresh.stop();
    assertServed(fresh);
  });

  it("finds nobody to take over from, and says so", async () => {
    using folder = tempFolder({ [FILE]: yamlOf(1), "disco/users": "" });
    const env = { ...process.env, XDG_RUNTIME_DIR: folder.path };
    const { code, out, err } = await runCli(["run", "--take-over", FILE], { cwd: folder.path, env });
    assert.deepEqual([code, out], [3, ""]);
    assert.match(err, /\(takeover\.nobody\)\nNext: linkspan run linkspan\.yaml\n$/);
  });
});
