/** How the ZooKeeper client shows who it is and makes sure of the server: TLS, SASL, and what changes on disk. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { s, Secret } from "linkspan/plugin";
import { zkOptions } from "../../namers/zookeeper/connection-options.ts";
import { connection } from "../../namers/zookeeper/connection-schema.ts";
import { Op } from "../../namers/zookeeper/records.ts";
import { eventually } from "../../src/testing/eventually.ts";
import { FakeZooKeeper } from "../fakes/zookeeper.ts";
import { openClient, type TestClient } from "../fakes/zookeeper-client.ts";
import { type Authority, authority, type Issued, replace } from "../servers/certificates.ts";

let trusted: Authority;
let other: Authority;
let forServer: Issued;
let forClient: Issued;

before(() => {
  trusted = authority();
  other = authority("Another Root");
  forServer = trusted.issue("server", { commonName: "zk.example", names: ["DNS:zk.example", "IP:127.0.0.1"] });
  forClient = trusted.issue("client", { commonName: "linkspan" });
});
after(() => {
  trusted[Symbol.dispose]();
  other[Symbol.dispose]();
});

const schema = s.object(connection);
/** With TLS 1.3 a server refuses behind the handshake, and what it says of it may be lost with the connection. */
const REFUSED = /^TLS with |closed the connection instead of answering/;

/** A client that is told of `server` as a configuration file would. */
function openAs(server: FakeZooKeeper, keys: object): TestClient {
  const config = schema.parse({ zkAddrs: [{ host: "127.0.0.1", port: server.port }], ...keys });
  const { connectString, ...options } = zkOptions(config, trusted.folder.path);
  return openClient(connectString, { ...options, sessionTimeoutMs: 3_000 });
}

const tlsServer = (more: object = {}): Promise<FakeZooKeeper> =>
  FakeZooKeeper.start({
    cert: readFileSync(forServer.certPath),
    key: readFileSync(forServer.keyPath),
    ca: readFileSync(trusted.caPath),
    ...more,
  });

/** Why it does not connect. */
async function trouble({ client }: TestClient): Promise<string> {
  const cause = await eventually("a cause", () => {
    const { state } = client;
    return "cause" in state && state.cause;
  });
  return cause ? cause.message : "";
}

test("a server is trusted by its host's name, with the roots of the file", async () => {
  await using server = await tlsServer();
  server.set("/a", "x");
  await using opened = openAs(server, { tls: { trustCertsBundle: "ca.crt" } });
  assert.equal((await opened.client.getData("/a")).data.toString(), "x");
});

test("a server of another root, or of another name, is not trusted, and the cause says so", async () => {
  await using server = await tlsServer();
  await using stranger = openAs(server, { tls: { trustCertsBundle: other.caPath } });
  assert.match(await trouble(stranger), /^TLS with 127\.0\.0\.1:\d+: .*(issuer|self-signed|signature)/);
  await using misnamed = openAs(server, { tls: { trustCerts: ["ca.crt"], commonName: "other.example" } });
  assert.match(await trouble(misnamed), /^TLS with 127\.0\.0\.1:\d+: .*other\.example/);
  await using named = openAs(server, { tls: { trustCerts: ["ca.crt"], commonName: "zk.example" } });
  await named.connected();
  await using careless = openAs(server, { tls: { disableValidation: true } });
  await careless.connected();
  assert.equal(server.accepted, 2);
});

for (const protocol of ["TLSv1.2", "TLSv1.3"] as const) {
  test(`a client certificate is shown to a server that asks for it, over ${protocol}`, async () => {
    await using server = await tlsServer({ requestCert: true, rejectUnauthorized: true });
    const tls = { trustCertsBundle: "ca.crt", protocols: [protocol] };
    await using without = openAs(server, { tls });
    assert.match(await trouble(without), REFUSED);
    const clientAuth = { certPath: forClient.certPath, keyPath: forClient.keyPath };
    await using opened = openAs(server, { tls: { ...tls, clientAuth } });
    await opened.connected();
  });
}

test("certificates that are replaced on disk are used by the next connection", async () => {
  await using server = await tlsServer({ requestCert: true, rejectUnauthorized: true });
  const shown = other.issue("mine", { commonName: "linkspan" });
  const tls = { trustCertsBundle: "ca.crt", clientAuth: { certPath: shown.certPath, keyPath: shown.keyPath } };
  await using opened = openAs(server, { tls });
  assert.match(await trouble(opened), REFUSED);
  replace(shown, forClient);
  await opened.connected();
});

test("a server that speaks no TLS, or only TLS, is told from one that is down", async () => {
  await using plain = await FakeZooKeeper.start();
  await using wanting = openAs(plain, { tls: { trustCertsBundle: "ca.crt" } });
  assert.match(await trouble(wanting), /^TLS with 127\.0\.0\.1:\d+: /);
  await using secure = await tlsServer();
  await using naive = openAs(secure, {});
  assert.match(await trouble(naive), /closed the connection instead of answering/);
});

test("a password is proved by SASL before anything else, and read anew for each connection", async () => {
  await using server = await FakeZooKeeper.start();
  server.passwords = new Map([["linkspan", "right"]]);
  const file = join(trusted.folder.path, "password");
  writeFileSync(file, "right\n");
  await using opened = openAs(server, { sasl: { user: "linkspan", passwordFile: "password" } });
  await opened.client.exists("/");
  assert.deepEqual(
    server.requests.map((each) => each.op),
    [Op.sasl, Op.sasl, Op.exists],
  );
  server.passwords = new Map([["linkspan", "newer"]]);
  writeFileSync(file, "newer\n");
  server.cut();
  await eventually("proved again", () => server.proven.length === 2);
  await opened.connected();
});

test("a wrong password, a server that does not know the right one and one without SASL are refused credentials", async () => {
  await using server = await FakeZooKeeper.start();
  const keys = { sasl: { user: "linkspan", password: "hidden" } };
  await using none = openAs(server, keys);
  assert.match((await none.reach("auth_failed")).cause.message, /does not offer SASL/);
  server.passwords = new Map([["linkspan", "other"]]);
  await using wrong = openAs(server, keys);
  assert.match((await wrong.reach("auth_failed")).cause.message, /refuses the password of linkspan by SASL/);
  server.forgesProofs = true;
  await using forged = openAs(server, keys);
  assert.match((await forged.reach("auth_failed")).cause.message, /does not prove that it knows/);
  assert.doesNotMatch(JSON.stringify([wrong.log.lines, wrong.states, none.log.lines]), /hidden/);
});

test("credentials are a user with a password in the file or in one of its own, or a whole value", async () => {
  await using server = await FakeZooKeeper.start();
  writeFileSync(join(trusted.folder.path, "digest"), "of the file");
  const auth = [
    { user: "a", password: "b" },
    { user: "c", passwordFile: "digest" },
    { scheme: "ip", value: "127.0.0.1" },
  ];
  await using opened = openAs(server, { auth });
  await opened.connected();
  assert.deepEqual(server.given, ["digest a:b", "digest c:of the file", "ip 127.0.0.1"]);
});

test("a file that is missing is named, and read when it comes", async () => {
  await using server = await FakeZooKeeper.start();
  await using opened = openAs(server, { auth: [{ user: "a", passwordFile: "later" }] });
  assert.match(await trouble(opened), /cannot read .*later: ENOENT/);
  writeFileSync(join(trusted.folder.path, "later"), "now");
  await opened.connected();
});

test("what contradicts itself in the keys is refused, and secrets are not shown", () => {
  const refused = (keys: object): unknown => assert.throws(() => schema.parse({ zkAddrs: "zk", ...keys }));
  refused({ sasl: { user: "a" } });
  refused({ sasl: { user: "a", password: "b", passwordFile: "c" } });
  refused({ auth: [{ user: "a" }] });
  refused({ auth: [{ value: "a:b", user: "a" }] });
  refused({ auth: [{ scheme: "digest" }] });
  refused({ tls: { trustCerts: ["a"], trustCertsBundle: "b" } });
  refused({ tls: { disableValidation: true, clientAuth: { certPath: "a", keyPath: "b" } } });
  const parsed = schema.parse({ zkAddrs: "zk", auth: [{ value: "a:b" }], sasl: { user: "u", password: "hidden" } });
  assert.doesNotMatch(JSON.stringify(parsed), /hidden|a:b/);
  assert.ok(parsed.auth[0]?.value instanceof Secret);
});
