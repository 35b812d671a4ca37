/** How a daemon ends, and what the admin port takes and refuses. */
import assert from "node:assert/strict";
import net from "node:net";
import { request } from "node:http";
import { describe, it } from "node:test";
import { RawCaller } from "../fakes/raw-caller.ts";
import { type Backend, startBackend } from "../load/backend.ts";
import { askOnce } from "../load/open-load.ts";
import { letPass, waitUntil } from "../load/wait-until.ts";
import { type SpawnedDaemon, spawnDaemon } from "./cli.ts";
import { tempFolder } from "./temp-folder.ts";

interface Site extends AsyncDisposable {
  readonly daemon: SpawnedDaemon;
  readonly backend: Backend;
}

async function siteWith(delayMs: number): Promise<Site> {
  const stack = new AsyncDisposableStack();
  const backend = stack.use(await startBackend("served", { delayMs }));
  const folder = stack.use(
    tempFolder({
      users: `127.0.0.1 ${backend.port}\n`,
      "linkspan.yaml":
        'admin: {port: 0}\nsources: {files: {files: .}}\nroutes: {"*": files/*}\nlisten: 0\nshutdown: {grace: 10s}\n',
    }),
  );
  const daemon = stack.use(await spawnDaemon("linkspan.yaml", { cwd: folder.path }));
  return { daemon, backend, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

function refusesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.on("connect", () => resolve(false));
    socket.on("error", () => resolve(true));
    socket.on("close", () => socket.destroy());
    socket.unref();
  });
}

interface AdminAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

function askAdmin(
  port: number,
  path: string,
  { method = "GET", headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<AdminAnswer> {
  return new Promise((resolve, reject) => {
    const call = request({ port, host: "127.0.0.1", path, method, headers, agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => (body += text));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    call.on("error", reject).end();
  });
}

describe("the end of a daemon", { timeout: 90_000 }, () => {
  it("SIGTERM lets what is in flight finish, takes nothing new, and exits 0", async () => {
    await using site = await siteWith(600);
    const { daemon, backend } = site;
    using idle = await RawCaller.connect(daemon.port);
    const inFlight = Array.from({ length: 20 }, () => askOnce({ port: daemon.port, host: "users" }));
    await waitUntil("all of them are at the backend", 3_000, () => backend.requests === 20);
    daemon.process.signal("SIGTERM");
    await waitUntil("new connections are refused", 1_000, () => refusesConnections(daemon.port));
    await idle.until(({ state }) => state !== "open");
    for (const answer of await Promise.all(inFlight)) {
      assert.deepEqual([answer.status, answer.body], [200, "served"]);
    }
    const ended = await daemon.process.endWithin(5_000);
    assert.deepEqual([ended.code, ended.err], [0, ""]);
    assert.equal(daemon.process.logged("drain.started").length, 1);
    assert.equal(daemon.process.logged("drain.finished").length, 1);
  });

  it("a caller that keeps its connection is told of the end with its answer", async () => {
    await using site = await siteWith(400);
    const { daemon, backend } = site;
    using caller = await RawCaller.connect(daemon.port);
    caller.send("GET / HTTP/1.1\r\nHost: users\r\n\r\n");
    await waitUntil("the request is at the backend", 3_000, () => backend.requests === 1);
    daemon.process.signal("SIGTERM");
    await caller.until(({ state }) => state === "ended");
    assert.match(caller.got, /\r\nconnection: close\r\n(?:.+\r\n)*\r\nserved$/i);
    assert.equal((await daemon.process.endWithin(5_000)).code, 0);
  });

  it("a signal that reaches it twice, as from timeout or npm, is one order", async () => {
    await using site = await siteWith(900);
    const { daemon, backend } = site;
    const inFlight = askOnce({ port: daemon.port, host: "users" });
    await waitUntil("the request is at the backend", 3_000, () => backend.requests === 1);
    daemon.process.signal("SIGTERM");
    await waitUntil("it drains", 3_000, () => daemon.process.logged("drain.started").length === 1);
    daemon.process.signal("SIGTERM");
    assert.equal((await inFlight).body, "served");
    assert.equal((await daemon.process.endWithin(5_000)).code, 0);
  });

  it("a second signal, half a second later or more, ends it at once with 1", async () => {
    await using site = await siteWith(3_000);
    const { daemon, backend } = site;
    const cut = askOnce({ port: daemon.port, host: "users" });
    await waitUntil("the request is at the backend", 3_000, () => backend.requests === 1);
    daemon.process.signal("SIGTERM");
    await waitUntil("it drains", 3_000, () => daemon.process.logged("drain.started").length === 1);
    await letPass(600);
    daemon.process.signal("SIGTERM");
    assert.equal((await daemon.process.endWithin(2_000)).code, 1);
    assert.equal((await cut).status, 0);
  });

  it("POST /admin/shutdown ends it as SIGTERM does", async () => {
    await using site = await siteWith(500);
    const { daemon, backend } = site;
    const inFlight = askOnce({ port: daemon.port, host: "users" });
    await waitUntil("the request is at the backend", 3_000, () => backend.requests === 1);
    const answer = await askAdmin(daemon.adminPort, "/admin/shutdown", { method: "POST" });
    assert.equal(answer.status, 200);
    assert.equal((await inFlight).status, 200);
    assert.equal((await daemon.process.endWithin(5_000)).code, 0);
  });

  it("an open page does not hold up the end", async () => {
    await using site = await siteWith(0);
    const { daemon } = site;
    using page = await RawCaller.connect(daemon.adminPort);
    page.send("GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await page.until(({ got }) => got.includes("data: "));
    daemon.process.signal("SIGTERM");
    assert.equal((await daemon.process.endWithin(3_000)).code, 0);
  });
});

it("the admin port answers what it knows, and refuses what comes from elsewhere", { timeout: 60_000 }, async () => {
  await using site = await siteWith(0);
  const { daemon } = site;
  const { adminPort: port } = daemon;
  await Promise.all(Array.from({ length: 10 }, () => askOnce({ port: daemon.port, host: "users" })));

  assert.deepEqual((await askAdmin(port, "/admin/ping")).body, "pong");
  const head = await askAdmin(port, "/admin/ping", { method: "HEAD" });
  assert.deepEqual([head.status, head.body, head.headers["content-length"]], [200, "", "4"]);
  const nowhere = await askAdmin(port, "/nowhere");
  assert.deepEqual([nowhere.status, nowhere.body], [404, "nothing is at /nowhere; / lists what there is\n"]);
  const wrongMethod = await askAdmin(port, "/admin/shutdown");
  assert.deepEqual(
    [wrongMethod.status, wrongMethod.headers["allow"], wrongMethod.body],
    [405, "POST", "/admin/shutdown takes POST\n"],
  );

  for (const headers of [{ origin: "http://evil.example" }, { origin: "null" }, { host: "evil.example" }]) {
    const refused = await askAdmin(port, "/admin/shutdown", { method: "POST", headers });
    assert.equal(refused.status, 403, JSON.stringify(headers));
  }
  assert.equal((await askAdmin(port, "/admin/names", { headers: { host: "evil.example:9990" } })).status, 403);
  assert.equal((await askAdmin(port, "/admin/names", { headers: { host: "localhost" } })).status, 200);
  await letPass(100);
  assert.ok(daemon.process.isRunning, "a refused request ended the daemon");

  const flat = JSON.parse((await askAdmin(port, "/admin/metrics.json")).body) as Record<string, number>;
  assert.equal(flat["rt/http/service/svc/users/requests"], 10);
  const client = "rt/http/client/#/files/users";
  assert.equal(flat[`${client}/success`], 10);
  const below = JSON.parse(
    (await askAdmin(port, `/admin/metrics.json?q=${encodeURIComponent(client)}`)).body,
  ) as object;
  assert.ok(Object.keys(below).length > 0);
  assert.ok(Object.keys(below).every((name) => name.startsWith(`${client}/`)));
  assert.equal((await askAdmin(port, "/admin/metrics.json?q=rt/nothing")).status, 404);
  const tree = JSON.parse((await askAdmin(port, "/admin/metrics.json?tree=1")).body) as {
    rt: { http: { service: Record<string, { requests: { counter: number } }> } };
  };
  assert.deepEqual(tree.rt.http.service["svc/users"]?.requests, { counter: 10 });
  const pretty = await askAdmin(port, "/admin/metrics.json?pretty=true");
  const names = [...pretty.body.matchAll(/^ {2}"([^"]+)"/gm)].map(([, name]) => name ?? "");
  assert.ok(names.length > 20);
  assert.deepEqual(names, [...names].sort());

  const page = await askAdmin(port, "/");
  assert.equal(page.status, 200);
  assert.match(String(page.headers["content-security-policy"]), /default-src 'none'/);
});
