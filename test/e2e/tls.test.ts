/** TLS on both sides of a daemon, with certificates of an authority of its own. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { connect, createSecureServer, type SecureClientSessionOptions } from "node:http2";
import { Agent } from "node:https";
import net, { type AddressInfo } from "node:net";
import { describe, it } from "node:test";
import type { TLSSocket } from "node:tls";
import { promisify } from "node:util";
import { startBackend } from "../load/backend.ts";
import { waitUntil } from "../load/wait-until.ts";
import { authority, replace } from "../servers/certificates.ts";
import { startDaemon, type TestDaemon } from "./daemon.ts";
import { tempFolder } from "./temp-folder.ts";
import { askTls, httpsBackend, pem } from "./tls-site.ts";

interface Site extends AsyncDisposable {
  readonly daemon: TestDaemon;
  readonly port: number;
}

/** A daemon with one server, which may be under `tls`; `users` is at that port. */
async function siteOf(userPort: number, { tls = "", client = "" }): Promise<Site> {
  const folder = tempFolder({ users: `127.0.0.1 ${userPort}\n` });
  const server = tls === "" ? "{port: 0}" : `{port: 0, tls: {${tls}}}`;
  const router = `{protocol: http, dtab: /svc => /#/io.l5d.fs, servers: [${server}], client: {${client}}}`;
  const daemon = await startDaemon(
    `admin: {port: 0}\nnamers: [{kind: io.l5d.fs, rootDir: .}]\nrouters: [${router}]`,
    folder.path,
  );
  return {
    daemon,
    port: daemon.port,
    [Symbol.asyncDispose]: async () => {
      await daemon[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

type Handler = (incoming: IncomingMessage, response: ServerResponse) => void;

const okOf =
  (name: string): Handler =>
  (_, response) =>
    void response.end(name);
const showFields = (incoming: IncomingMessage, response: ServerResponse): void =>
  void response.end(JSON.stringify(incoming.headers));

interface Plain {
  readonly status: number;
  readonly body: string;
  readonly code: string | null;
  readonly error: string;
}

/** One request of a caller without TLS. */
async function ask({ port }: Site, headers: Record<string, string> = {}): Promise<Plain> {
  const asked = request({ host: "127.0.0.1", port, agent: false, headers: { host: "users", ...headers } });
  asked.end();
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  let body = "";
  for await (const piece of answer) body += String(piece);
  const said = answer.headers["l5d-err"];
  return {
    status: answer.statusCode ?? 0,
    body,
    code: (answer.headers["linkspan-code"] as string | undefined) ?? null,
    error: typeof said === "string" ? decodeURIComponent(said.replaceAll("+", " ")) : "",
  };
}

/** One request over HTTP/2. */
async function askHttp2(port: number, options: SecureClientSessionOptions): Promise<readonly [number, string]> {
  const session = connect(`https://127.0.0.1:${port}`, options);
  try {
    const stream = session.request({ ":path": "/", ":authority": "users" });
    const [fields] = (await once(stream, "response")) as [{ ":status": number }];
    let body = "";
    for await (const piece of stream) body += String(piece);
    return [fields[":status"], body];
  } finally {
    session.destroy();
  }
}

async function metric(site: Site, series: string): Promise<number> {
  const text = await (await fetch(`${site.daemon.adminUrl}/metrics`)).text();
  const line = text.split("\n").find((each) => each.startsWith(series));
  return line === undefined ? Number.NaN : Number(line.slice(line.lastIndexOf(" ")));
}

describe("callers over TLS", { timeout: 60_000 }, () => {
  it("are served with TLS 1.2 and 1.3 and nothing older, also when they are curl", async () => {
    using ca = authority();
    const { certPath, keyPath } = ca.issue("web", { commonName: "web.example" });
    await using users = await startBackend("users");
    await using site = await siteOf(users.port, { tls: `certPath: ${certPath}, keyPath: ${keyPath}` });
    const trust = { ca: readFileSync(ca.caPath), servername: "web.example" };
    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
      const answer = await askTls(site.port, { ...trust, minVersion: version, maxVersion: version });
      assert.deepEqual([answer.status, answer.shown, answer.body], [200, "web.example", "users"], version);
    }
    const old = { ...trust, minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
    await assert.rejects(askTls(site.port, old), /alert protocol version/);
    await waitUntil("it is told", 5_000, () => site.daemon.logged("tls.refused").length > 0);
    const [refusal] = site.daemon.logged("tls.refused");
    assert.deepEqual(
      [refusal?.["peer"], refusal?.["reason"]],
      ["127.0.0.1", "it speaks no version of TLS that is allowed here"],
    );
    const at = `web.example:${site.port}`;
    const args = ["-sS", "--cacert", ca.caPath, "--resolve", `${at}:127.0.0.1`, "-H", "Host: users", `https://${at}/`];
    assert.equal((await promisify(execFile)("curl", args, { timeout: 10_000 })).stdout, "users");
    assert.equal(
      await metric(site, 'linkspan_server_tls_handshakes_total{router="http",server="127.0.0.1/0",result="failed"}'),
      1,
    );
  });

  it("agree on HTTP/2 by ALPN, and are known by their certificate there too", async () => {
    using ca = authority();
    const web = ca.issue("web", { commonName: "web.example" });
    const alice = ca.issue("alice", { commonName: "alice", names: ["DNS:alice.example"] });
    await using users = await plainBackend(showFields);
    const tls = `certPath: ${web.certPath}, keyPath: ${web.keyPath}, caCertPath: ${ca.caPath}`;
    await using site = await siteOf(users.port, { tls, client: "forwardClientCert: true" });
    const trust = { ca: readFileSync(ca.caPath), servername: "web.example" };
    const [status, body] = await askHttp2(site.port, { ...trust, ...pem(alice) });
    const seen = JSON.parse(body) as Record<string, string>;
    assert.deepEqual([status, seen["l5d-client-id"], seen["via"]], [200, "alice.example", "2 linkspan"]);
  });

  it("get the certificate whose name they ask for, and the first where none has it", async () => {
    using ca = authority();
    const first = ca.issue("first", { commonName: "first.example" });
    const second = ca.issue("second", { commonName: "second", names: ["DNS:second.example", "DNS:*.wild.example"] });
    await using users = await startBackend("users");
    const tls = `certificates: [${JSON.stringify(first)}, ${JSON.stringify(second)}]`;
    await using site = await siteOf(users.port, { tls });
    const shownTo = async (servername: string): Promise<string> =>
      (await askTls(site.port, { rejectUnauthorized: false, servername })).shown;
    const names = ["first.example", "SECOND.example", "a.wild.example", "a.b.wild.example", "wild.example", "other"];
    const shown = await Promise.all(names.map(shownTo));
    assert.deepEqual(shown, ["first.example", "second", "second", "first.example", "first.example", "first.example"]);
  });

  it("resume a session, and bring their certificate with it", async () => {
    using ca = authority();
    const web = ca.issue("web", { commonName: "web.example" });
    const alice = ca.issue("alice", { commonName: "alice" });
    await using users = await startBackend("users");
    const auth = `caCertPath: ${ca.caPath}, requireClientAuth: true`;
    await using site = await siteOf(users.port, { tls: `certPath: ${web.certPath}, keyPath: ${web.keyPath}, ${auth}` });
    const trust = { ca: readFileSync(ca.caPath), servername: "web.example", ...pem(alice) };
    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
      const first = await askTls(site.port, { ...trust, maxVersion: version });
      assert.ok(first.session, version);
      const again = await askTls(site.port, { ...trust, maxVersion: version, session: first.session });
      assert.deepEqual([again.status, again.resumed], [200, true], version);
    }
  });

  it("must show a certificate of the right authority where it is required", async () => {
    using ca = authority();
    using other = authority("Other Root");
    const web = ca.issue("web", { commonName: "web.example" });
    await using users = await startBackend("users");
    const auth = `caCertPath: ${ca.caPath}, requireClientAuth: true`;
    await using site = await siteOf(users.port, { tls: `certPath: ${web.certPath}, keyPath: ${web.keyPath}, ${auth}` });
    const trust = { ca: readFileSync(ca.caPath), servername: "web.example" };
    const alice = pem(ca.issue("alice", { commonName: "alice" }));
    const stranger = pem(other.issue("mallory", { commonName: "mallory" }));
    const late = pem(ca.issue("late", { commonName: "late", from: "20200101000000Z", to: "20200201000000Z" }));
    assert.equal((await askTls(site.port, { ...trust, ...alice })).status, 200);
    for (const shown of [{}, stranger, late]) await assert.rejects(askTls(site.port, { ...trust, ...shown }));
    await waitUntil("each is told", 5_000, () => site.daemon.logged("tls.refused").length === 3);
    const reasons = site.daemon.logged("tls.refused").map((line) => String(line["reason"]));
    assert.match(reasons[0] ?? "", /^it showed no certificate, and one is required$/);
    assert.match(reasons[1] ?? "", /^its certificate is signed by nobody in caCertPath/);
    assert.match(reasons[2] ?? "", /^its certificate has expired$/);
  });

  it("may leave their certificate at home where it is optional, but not show a wrong one", async () => {
    using ca = authority();
    using other = authority("Other Root");
    const web = ca.issue("web", { commonName: "web.example" });
    await using users = await startBackend("users");
    const tls = `certPath: ${web.certPath}, keyPath: ${web.keyPath}, caCertPath: ${ca.caPath}`;
    await using site = await siteOf(users.port, { tls });
    const trust = { ca: readFileSync(ca.caPath), servername: "web.example" };
    const alice = pem(ca.issue("alice", { commonName: "alice" }));
    const stranger = pem(other.issue("mallory", { commonName: "mallory" }));
    assert.equal((await askTls(site.port, trust)).status, 200);
    assert.equal((await askTls(site.port, { ...trust, ...alice })).status, 200);
    await assert.rejects(askTls(site.port, { ...trust, ...stranger }));
    await waitUntil("it is told", 5_000, () => site.daemon.logged("tls.refused").length > 0);
    const [refusal] = site.daemon.logged("tls.refused");
    assert.match(
      String(refusal?.["reason"]),
      /^its certificate \(CN=mallory, issuer CN=Other Root, .*\) is signed by nobody/,
    );
  });

  it("are told to their endpoint by what they have shown, never by what they say", async () => {
    using ca = authority();
    const web = ca.issue("web", { commonName: "web.example" });
    const names = ["URI:spiffe://example/alice", "DNS:alice.example", "DNS:alice.test"];
    const alice = ca.issue("alice", { commonName: "alice", subject: "/O=Users, Inc", names });
    await using users = await plainBackend(showFields);
    const tls = `certPath: ${web.certPath}, keyPath: ${web.keyPath}, caCertPath: ${ca.caPath}`;
    await using told = await siteOf(users.port, { tls, client: "forwardClientCert: true" });
    await using untold = await siteOf(users.port, { tls });
    const forged = { "X-Forwarded-Client-Cert": 'Hash=00;Subject="CN=root"', "L5d-Client-Id": "root" };
    const trust = { ca: readFileSync(ca.caPath), servername: "web.example", headers: { host: "users", ...forged } };
    const seenBy = async (site: Site, shown: object): Promise<unknown[]> => {
      const seen = JSON.parse((await askTls(site.port, { ...trust, ...shown })).body) as Record<string, string>;
      return [seen["x-forwarded-client-cert"], seen["l5d-client-id"]];
    };
    const { fingerprint256 } = new X509Certificate(readFileSync(alice.certPath));
    const hash = fingerprint256.replaceAll(":", "");
    assert.deepEqual(await seenBy(told, pem(alice)), [
      `Hash=${hash};SAN=spiffe://example/alice;DNS=alice.example;DNS=alice.test;Subject="CN=alice,O=Users\\, Inc"`,
      "spiffe://example/alice",
    ]);
    assert.deepEqual(await seenBy(told, {}), [undefined, undefined]);
    assert.deepEqual(await seenBy(untold, pem(alice)), [undefined, undefined]);
  });

  it("see a new certificate soon after its files changed, and no request fails by it", async () => {
    using ca = authority();
    const web = ca.issue("web", { commonName: "old.example" });
    const next = ca.issue("next", { commonName: "new.example" });
    await using users = await startBackend("users");
    await using site = await siteOf(users.port, { tls: `certPath: ${web.certPath}, keyPath: ${web.keyPath}` });
    const kept = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
    const seen: string[] = [];
    let asked = 0;
    const ask = async (): Promise<void> => {
      const one = await askTls(site.port, { rejectUnauthorized: false });
      const other = await askTls(site.port, { rejectUnauthorized: false, agent: kept });
      assert.deepEqual([one.status, other.status], [200, 200]);
      asked += 2;
      seen.push(one.shown);
    };
    const over = new AbortController();
    const caller = async (): Promise<void> => {
      while (!over.signal.aborted) await ask();
    };
    const callers = Promise.all([caller(), caller(), caller()]);
    replace(web, next);
    await waitUntil("the new one is shown to many", 20_000, () => seen.at(-1) === "new.example" && asked > 100);
    over.abort();
    await callers;
    assert.deepEqual([...new Set(seen)].sort(), ["new.example", "old.example"]);
    await waitUntil("it is told", 5_000, () => site.daemon.logged("tls.reloaded").length === 1);
    // A broken file changes nothing, and is told once.
    writeFileSync(web.certPath, "nonsense");
    await waitUntil("it is told", 10_000, () => site.daemon.logged("tls.kept").length > 0);
    for (let more = 0; more < 3; more++) await ask();
    assert.equal(seen.at(-1), "new.example");
    assert.equal(site.daemon.logged("tls.kept").length, 1);
    assert.match(String(site.daemon.logged("tls.kept")[0]?.["cause"]), /web\.crt holds no certificate/);
    copyFileSync(next.certPath, web.certPath);
    await waitUntil("it is mended", 10_000, () => site.daemon.logged("tls.reloaded").length === 2);
    kept.destroy();
  });

  it("who sends plain HTTP, or nothing at all, keeps nothing open", async () => {
    using ca = authority();
    const { certPath, keyPath } = ca.issue("web", { commonName: "web.example" });
    await using users = await startBackend("users");
    await using site = await siteOf(users.port, { tls: `certPath: ${certPath}, keyPath: ${keyPath}` });
    const plain = net.connect(site.port, "127.0.0.1");
    plain.on("error", () => undefined);
    plain.write("GET / HTTP/1.1\r\nHost: users\r\n\r\n");
    plain.resume();
    await once(plain, "close");
    const left = net.connect(site.port, "127.0.0.1");
    await once(left, "connect");
    left.destroy();
    const open = (): Promise<number> => metric(site, "linkspan_server_connections{");
    await waitUntil("nothing is open", 5_000, async () => (await open()) === 0);
    assert.deepEqual(
      site.daemon.logged("tls.refused").map((line) => line["reason"]),
      ["it sent HTTP without TLS"],
    );
  });
});

async function plainBackend(handle: Handler): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer(handle);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await promisify(server.close.bind(server))();
    },
  };
}

describe("endpoints over TLS", { timeout: 60_000 }, () => {
  it("are called by the name that they must prove, and later with the session that they gave", async () => {
    using ca = authority();
    await using users = await httpsBackend(pem(ca.issue("users", { commonName: "users.example" })), (_, response) => {
      response.setHeader("connection", "close");
      response.end("users");
    });
    const client = `tls: {commonName: users.example, trustCertsBundle: ${ca.caPath}}`;
    await using site = await siteOf(users.port, { client });
    for (let request = 0; request < 3; request++) assert.equal((await ask(site)).body, "users");
    assert.deepEqual(
      users.connections.map(({ name, resumed }) => [name, resumed]),
      [
        ["users.example", false],
        ["users.example", true],
        ["users.example", true],
      ],
    );
    assert.equal(await metric(site, 'linkspan_upstream_tls_handshakes_total{router="http",result="resumed"}'), 2);
  });

  it("have names made of what their bound id says, and a prefix may be excepted", async () => {
    using ca = authority();
    await using users = await httpsBackend(pem(ca.issue("users", { commonName: "users.example" })), okOf("secure"));
    await using old = await startBackend("plain");
    const folder = tempFolder({ users: `127.0.0.1 ${users.port}\n`, old: `127.0.0.1 ${old.port}\n` });
    const rules = [
      `{prefix: "/#/io.l5d.fs/{service}", tls: {commonName: "{service}.example", trustCerts: [${ca.caPath}]}}`,
      `{prefix: /#/io.l5d.fs/old, tls: {enabled: false}}`,
    ];
    const client = `{kind: io.l5d.static, configs: [${rules.join(", ")}]}`;
    const router = `{protocol: http, dtab: /svc => /#/io.l5d.fs, servers: [{port: 0}], client: ${client}}`;
    const yaml = `admin: {port: 0}\nnamers: [{kind: io.l5d.fs, rootDir: .}]\nrouters: [${router}]`;
    await using daemon = await startDaemon(yaml, folder.path);
    const site = { daemon, port: daemon.port, [Symbol.asyncDispose]: () => Promise.resolve() };
    assert.equal((await ask(site, { host: "users" })).body, "secure");
    assert.equal((await ask(site, { host: "old" })).body, "plain");
    assert.deepEqual(users.connections[0]?.name, "users.example");
    folder[Symbol.dispose]();
  });

  it("may speak HTTP/2, and are refused where they shall and do not", async () => {
    using ca = authority();
    const identity = pem(ca.issue("users", { commonName: "users.example" }));
    const server = createSecureServer(
      { ...identity, allowHTTP1: false },
      (_, response) => void response.end("users by h2"),
    );
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    await using old = await httpsBackend(identity, okOf("users by h1"));
    const client = `protocol: h2, tls: {commonName: users.example, trustCertsBundle: ${ca.caPath}}`;
    {
      await using site = await siteOf((server.address() as AddressInfo).port, { client });
      assert.equal((await ask(site)).body, "users by h2");
      await using refused = await siteOf(old.port, { client });
      const answer = await ask(refused);
      assert.equal(answer.code, "tls.failed");
      assert.match(answer.error, /it speaks none of the protocols that are spoken here/);
    }
    server.close();
  });

  it("whose certificate is wrong are not sent to, and the answer says which it is and why", async () => {
    using ca = authority();
    using other = authority("Other Root");
    const past = { from: "20200101000000Z", to: "20200201000000Z" };
    const cases = [
      [ca.issue("other", { commonName: "other.example" }), /is for other\.example, not for users\.example/],
      [ca.issue("late", { commonName: "users.example", ...past }), /valid to 2020-02-01\) has expired/],
      [
        other.issue("strange", { commonName: "users.example" }),
        /issuer CN=Other Root.*is signed by nobody in .*ca\.crt/,
      ],
    ] as const;
    for (const [issued, why] of cases) {
      let asked = 0;
      await using users = await httpsBackend(pem(issued), (_, response) => {
        asked++;
        response.end();
      });
      const client = `tls: {commonName: users.example, trustCertsBundle: ${ca.caPath}}`;
      await using site = await siteOf(users.port, { client });
      const answer = await ask(site);
      assert.deepEqual([answer.status, answer.code, asked], [502, "tls.failed", 0]);
      assert.match(answer.error, why);
      assert.match(
        answer.error,
        new RegExp(`^TLS to 127\\.0\\.0\\.1:${users.port} as users\\.example: its certificate \\(CN=`),
      );
      assert.match(String(site.daemon.logged("tls.failed")[0]?.["cause"]), why);
    }
  });

  it("that do not speak TLS are told from those that are down", async () => {
    using ca = authority();
    await using users = await startBackend("plain");
    const client = `tls: {commonName: users.example, trustCertsBundle: ${ca.caPath}}`;
    await using site = await siteOf(users.port, { client });
    const answer = await ask(site);
    assert.deepEqual([answer.status, answer.code], [502, "tls.failed"]);
    assert.match(answer.error, /as users\.example: what it sends is not TLS/);
    await users.die();
    assert.deepEqual((await ask(site)).code, "connect.failed");
  });

  it("that want a certificate get ours, or we are told that they want one", async () => {
    using ca = authority();
    const router = ca.issue("router", { commonName: "router" });
    const options = { ...pem(ca.issue("users", { commonName: "users.example" })), ca: readFileSync(ca.caPath) };
    await using users = await httpsBackend({ ...options, requestCert: true }, (incoming, response) => {
      response.end((incoming.socket as TLSSocket).getPeerCertificate().subject.CN);
    });
    const base = `commonName: users.example, trustCertsBundle: ${ca.caPath}`;
    await using site = await siteOf(users.port, { client: `tls: {${base}, clientAuth: ${JSON.stringify(router)}}` });
    assert.equal((await ask(site)).body, "router");
    await using bare = await siteOf(users.port, { client: `tls: {${base}}` });
    assert.equal((await ask(bare)).status, 502);
    await waitUntil("it is told", 5_000, () => bare.daemon.logged("tls.failed").length > 0);
    assert.match(String(bare.daemon.logged("tls.failed")[0]?.["cause"]), /it requires a client certificate/);
  });

  it("are called whoever they are where validation is disabled, which is nowhere unless it is written", async () => {
    using ca = authority();
    await using users = await httpsBackend(pem(ca.issue("users", { commonName: "users.example" })), okOf("users"));
    await using open = await siteOf(users.port, { client: "tls: {disableValidation: true}" });
    assert.equal((await ask(open)).body, "users");
    await using closed = await siteOf(users.port, { client: "tls: {commonName: users.example}" });
    assert.equal((await ask(closed)).code, "tls.failed");
  });

  it("are trusted anew when the bundle changes, and then by no session of before", async () => {
    using ca = authority();
    using other = authority("Other Root");
    const folder = tempFolder();
    const bundle = folder.write("bundle.pem", readFileSync(ca.caPath, "utf8"));
    await using users = await httpsBackend(pem(ca.issue("users", { commonName: "users.example" })), (_, response) => {
      response.setHeader("connection", "close");
      response.end("users");
    });
    await using site = await siteOf(users.port, {
      client: `tls: {commonName: users.example, trustCertsBundle: ${bundle}}`,
    });
    assert.equal((await ask(site)).body, "users");
    copyFileSync(other.caPath, bundle);
    await waitUntil("it is read", 10_000, () => site.daemon.logged("tls.reloaded").length === 1);
    assert.equal((await ask(site)).code, "tls.failed");
    copyFileSync(ca.caPath, bundle);
    await waitUntil("they are trusted again", 10_000, async () => (await ask(site)).status === 200);
    folder[Symbol.dispose]();
  });
});
