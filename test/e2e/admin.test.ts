// What a linkerd.yaml says of the admin port, of what is beside it and of telemetry, at the sockets of whole daemons.
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request as plainly, type IncomingMessage } from "node:http";
import { request as securely } from "node:https";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { start } from "../../src/index.ts";
import { eventually, quietFor } from "../../src/testing/index.ts";
import { authority } from "../servers/certificates.ts";
import type { LogLine } from "./daemon.ts";
import { tempFolder } from "./temp-folder.ts";

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

interface Question {
  readonly port: number;
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The root that the port's certificate is checked with; plain text where it is not said. */
  readonly ca?: Buffer;
}

function ask({ ca, ...question }: Question): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const heard = (response: IncomingMessage): void => {
    const { statusCode: status = 0, headers } = response;
    text(response).then((body) => resolve({ status, type: headers["content-type"] ?? "", body }), reject);
  };
  const options = { host: "127.0.0.1", agent: false, ...question };
  const asked =
    ca === undefined ? plainly(options, heard) : securely({ ...options, ca, servername: "admin.test" }, heard);
  asked.on("error", reject).end();
  return promise;
}

const config = (admin: string, more = ""): string => `
namers: [{kind: io.l5d.fs, rootDir: disco}]
admin: {port: 0${admin}}
${more}
routers:
- protocol: http
  label: web
  dtab: /svc => /#/io.l5d.fs
  servers: [{port: 0}]
- protocol: http
  label: by path
  identifier: {kind: io.l5d.path, segments: 2}
  servers: [{port: 0}]
- {protocol: h2, servers: [{port: 0}]}
`;

/** A daemon whose file a test rewrites. */
async function openSite(yaml: string, workers = 0) {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(tempFolder({ "linkspan.yaml": yaml, "disco/users": "127.0.0.1 1\n" }));
  const log: LogLine[] = [];
  const writeLog = (line: string): void => void log.push(JSON.parse(line) as LogLine);
  const daemon = await start({ file: `${folder.path}/linkspan.yaml`, workers, watch: false, writeLog });
  stack.defer(() => daemon.close());
  const owned = stack.move();
  return {
    daemon,
    log,
    folder,
    get: async (path: string, ca?: Buffer): Promise<Answer> =>
      ask({ port: daemon.admin.port, path, ...(ca === undefined ? {} : { ca }) }),
    post: (path: string) => ask({ port: daemon.admin.port, path, method: "POST" }),
    async reload(next: string): Promise<void> {
      folder.write("linkspan.yaml", next);
      const before = log.filter(({ event }) => event === "config.reloaded").length;
      daemon.reload();
      await eventually("it is taken up", () => log.filter(({ event }) => event === "config.reloaded").length > before);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

describe("admin.security", () => {
  it("has what is off not there at all, unless a path is said to be", async () => {
    const security =
      ", security: {uiEnabled: false, controlEnabled: false, pathWhitelist: [/config.*], pathBlacklist: [/metrics]}";
    await using site = await openSite(config(security));
    const status = async (path: string): Promise<number> => (await site.get(path)).status;
    for (const path of ["/", "/delegator", "/api/state", "/admin/metrics.json", "/logging.json", "/metrics"]) {
      assert.equal(await status(path), 404, path);
    }
    for (const path of ["/config.json", "/admin/ping", "/ready", "/client_state.json", "/admin/metrics/prometheus"]) {
      assert.equal(await status(path), 200, path);
    }
    assert.equal((await site.post("/admin/shutdown")).status, 404);
    assert.ok(!(await site.get("/admin")).body.includes("/delegator\n"), "the list has what is there");
  });

  it("is taken up by a reload, on the same socket", async () => {
    await using site = await openSite(config(""));
    const { port } = site.daemon.admin;
    assert.equal((await site.get("/metrics")).status, 200);
    await site.reload(config(", security: {diagnosticsEnabled: false}"));
    assert.deepEqual([(await site.get("/metrics")).status, site.daemon.admin.port], [404, port]);
    assert.notEqual((await site.get("/config.json")).status, 404);
    await site.reload(config(""));
    assert.equal((await site.get("/metrics")).status, 200);
  });
});

describe("admin.tls", () => {
  for (const workers of [0, 1]) {
    it(`secures the port, at the start and by a reload, with ${workers} workers`, async () => {
      using ca = authority();
      const root = readFileSync(ca.caPath);
      const { certPath, keyPath } = ca.issue("admin", { commonName: "admin.test" });
      const secured = config(`, tls: {certPath: ${certPath}, keyPath: ${keyPath}}`);
      await using site = await openSite(secured, workers);
      assert.equal((await site.get("/admin/ping", root)).body, "pong");
      await assert.rejects(site.get("/admin/ping"), "plain text is not answered");
      const named = { port: site.daemon.admin.port, path: "/ready", ca: root, headers: { host: "admin.test" } };
      assert.equal((await ask(named)).status, 200, "a name that the certificate has is no other site's");
      await site.reload(config(""));
      assert.equal((await site.get("/admin/ping")).body, "pong");
      await site.reload(secured);
      assert.equal((await site.get("/admin/ping", root)).body, "pong");
      const metrics = (await site.get("/metrics", root)).body;
      assert.match(metrics, /^linkspan_server_tls_handshakes_total\{router="admin",[^}]*result="ok"\} \d+$/m);
    });
  }

  it("with a certificate that cannot be read refuses the whole reload", async () => {
    await using site = await openSite(config(""));
    site.folder.write("linkspan.yaml", config(", tls: {certPath: no.crt, keyPath: no.key}"));
    site.daemon.reload();
    await eventually("it is refused", () => site.log.some(({ event }) => event === "config.refused"));
    assert.equal((await site.get("/admin/ping")).body, "pong");
  });
});

describe("admin.httpIdentifierPort", () => {
  for (const workers of [0, 1]) {
    it(`names whatever is asked, by every http router, with ${workers} workers`, async () => {
      await using site = await openSite(config(", httpIdentifierPort: 0"), workers);
      const told = await eventually("it listens", () => site.log.find(({ event }) => event === "identifier.listening"));
      const port = Number(told["port"]);
      const asked = await ask({
        port,
        path: "/a/b/c",
        method: "PUT",
        headers: { host: "Users", "l5d-dtab": "/a => /b" },
      });
      assert.deepEqual(JSON.parse(asked.body), {
        web: { path: "/svc/Users", dtab: "/svc=>/#/io.l5d.fs;/a=>/b" },
        "by path": { path: "/svc/a/b", dtab: "/a=>/b" },
      });
      const short = JSON.parse((await ask({ port, path: "/a", headers: { host: "x" } })).body) as Record<
        string,
        object
      >;
      assert.deepEqual(Object.keys(short["by path"] ?? {}), ["error"]);
      await site.reload(config(""));
      await eventually("it is gone", () =>
        ask({ port, path: "/" }).then(
          () => false,
          () => true,
        ),
      );
    });
  }
});

describe("telemetry", () => {
  it("says where Prometheus reads Linkerd 1's metrics, and how their names begin", async () => {
    const prometheus = "telemetry:\n- {kind: io.l5d.prometheus, path: /prom, prefix: my.}\n- {kind: io.l5d.influxdb}";
    await using site = await openSite(config("", prometheus));
    await ask({ port: site.daemon.servers[0]?.port ?? 0, path: "/", headers: { host: "users" } });
    assert.match((await site.get("/prom")).body, /^my\.rt:server:requests\{rt="web", server="127\.0\.0\.1\/0"\} 1$/m);
    assert.match((await site.get("/admin/metrics/prometheus")).body, /^rt:server:requests\{rt="web",/m);
    const { type, body } = await site.get("/admin/metrics/influxdb");
    assert.match(type, /^text\/plain/);
    const server = /^rt:server,host=127\.0\.0\.1:\d+,rt=web,server=127\.0\.0\.1\/0 (.*)$/m.exec(body)?.[1]?.split(",");
    assert.ok(server?.includes("requests=1") && server.includes("connections=0.0"), body);
    assert.match(body, /^rt:client:loadbalancer,client=#\/io\.l5d\.fs\/users,host=127\.0\.0\.1:\d+,rt=web /m);
    assert.match(body, /,rt=by\\ path,/);
    await site.reload(config(""));
    assert.deepEqual(
      [(await site.get("/prom")).status, (await site.get("/admin/metrics/influxdb")).status],
      [404, 404],
    );
  });
});

describe("the telemeter io.l5d.statsd", () => {
  it("sends what is counted under Linkerd 1's names, while it is in the file", async () => {
    await using server = createSocket("udp4").bind(0, "127.0.0.1");
    await once(server, "listening");
    const heard: string[] = [];
    server.on("message", (bytes) => void heard.push(...bytes.toString().split("\n")));
    const statsd = `{kind: io.l5d.statsd, experimental: true, port: ${server.address().port}, gaugeIntervalMs: 1000}`;
    await using site = await openSite(config("", `telemetry:\n- ${statsd}`));
    for (const path of ["/1", "/2", "/3"]) {
      await ask({ port: site.daemon.servers[0]?.port ?? 0, path, headers: { host: "users" } });
    }
    await eventually("they are sent", () => heard.includes("linkerd.rt.web.service.svc.users.requests:3|c"));
    assert.ok(heard.includes("linkerd.rt.web.client._.io_l5d_fs.users.loadbalancer.size:1|g"), heard.join("\n"));
    assert.ok(heard.some((line) => /^linkerd\.rt\.web\.service\.svc\.users\.request_latency_ms:[\d.]+\|ms/.test(line)));
    await site.reload(config(""));
    heard.length = 0;
    await quietFor(1_500);
    assert.deepEqual(heard, []);
  });
});

describe("the telemeter io.l5d.recentRequests", () => {
  it("shows the last requests, for people and as data, while it is in the file", async () => {
    const telemetry = "telemetry:\n- {kind: io.l5d.recentRequests, sampleRate: 1.0, capacity: 2}";
    await using site = await openSite(config("", telemetry));
    for (const path of ["/1", "/2", "/3"]) {
      await ask({ port: site.daemon.servers[0]?.port ?? 0, path, headers: { host: "users" } });
    }
    const { requests } = JSON.parse((await site.get("/requests?format=json")).body) as {
      requests: readonly { name: string; caller: string; cluster: string; status: number }[];
    };
    const seen = requests.map(({ name, caller, cluster, status }) => [name, caller, cluster, status]);
    const one = ["/svc/users", "127.0.0.1", "/#/io.l5d.fs/users", 502];
    assert.deepEqual(seen, [one, one]);
    assert.match((await site.get("/requests")).body, /<td>127\.0\.0\.1<\/td><td>127\.0\.0\.1\/0<\/td><td>web<\/td>/);
    await site.reload(config(""));
    assert.equal((await site.get("/requests")).status, 404);
  });
});

describe("the pages of Linkerd 1", () => {
  it("tell what runs: its configuration with stars for secrets, its names, clients and watches", async () => {
    const secret = "\n- {kind: io.l5d.consul, host: 127.0.0.1, port: 1, token: s3cret}";
    const yaml = config("").replace(
      "namers: [{kind: io.l5d.fs, rootDir: disco}]",
      `namers:\n- {kind: io.l5d.fs, rootDir: disco}${secret}`,
    );
    await using site = await openSite(yaml);
    await ask({ port: site.daemon.servers[0]?.port ?? 0, path: "/", headers: { host: "users" } });
    const json = async (path: string): Promise<unknown> => JSON.parse((await site.get(path)).body);
    const shown = (await json("/config.json")) as { routers: readonly Record<string, unknown>[] };
    assert.equal(shown.routers[0]?.["dtab"], "/svc=>/#/io.l5d.fs");
    assert.deepEqual(
      shown.routers.map(({ label }) => label),
      ["web", "by path", "h2"],
    );
    assert.ok(!JSON.stringify(shown).includes("s3cret"));
    assert.deepEqual(await json("/bound-names.json"), ["/#/io.l5d.fs/users"]);
    assert.deepEqual(await json("/client_state.json"), {
      "/#/io.l5d.fs/users": { state: "bound", addresses: ["127.0.0.1:1"] },
    });
    const watches = (await json("/namer_state/io.l5d.fs.json")) as Record<string, { state: Record<string, unknown> }>;
    assert.deepEqual(watches["/#/io.l5d.fs/users"]?.state["value"], { state: "ok", endpoints: 1 });
    assert.match(
      String(watches["/#/io.l5d.fs/users"]?.state["lastUpdatedAt"]),
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000$/,
    );
    assert.deepEqual(await json("/logging.json"), [{ logger: "root", level: "INFO" }]);
    assert.equal((await site.post("/logging.json")).status, 405);
    assert.match((await site.get("/logging")).body, /<b>INFO<\/b>/);
    assert.match((await site.get("/help")).body, /<li>\/delegator\.json<\/li>/);
    assert.equal(((await json("/admin/server_info")) as { name: string }).name, "linkspan");
  });
});
