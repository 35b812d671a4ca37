/** The access to an API server: over TLS, as somebody, by what the files say now. */
import assert from "node:assert/strict";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { describe, test } from "node:test";
import type { ApiAccess } from "../../../../namers/kubernetes/api-access.ts";
import { openAccess } from "../../../../namers/kubernetes/access-schema.ts";
import type { HostFacts } from "../../../../namers/kubernetes/access-target.ts";
import { FakeClock } from "../../../../src/testing/fake-clock.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";
import { RecordingLog } from "../../../../src/testing/recording-log.ts";
import { tempFolder, type TempFolder } from "../../../e2e/temp-folder.ts";
import { type ApiDoor, openApiDoor } from "../../../fakes/api-door.ts";
import { authority } from "../../../servers/certificates.ts";

const never = new AbortController().signal;

interface Lab extends AsyncDisposable {
  readonly stack: AsyncDisposableStack;
  readonly door: ApiDoor;
  readonly folder: TempFolder;
  readonly clock: FakeClock;
  readonly log: RecordingLog;
  /** Writes `config` in the folder: one context, of the door and of `user`. */
  write(user: object, cluster?: object): void;
  open(over?: Partial<HostFacts>, config?: object): Promise<ApiAccess>;
}

async function lab(): Promise<Lab> {
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(tempFolder());
  const door = await openApiDoor(opening);
  const clock = new FakeClock();
  const log = new RecordingLog();
  const stack = opening.move();
  return {
    stack,
    door,
    folder,
    clock,
    log,
    write(user, cluster = { "certificate-authority": door.ca.caPath }) {
      const kubeconfig = {
        "current-context": "here",
        contexts: [{ name: "here", context: { cluster: "door", user: "ann", namespace: "shop" } }],
        clusters: [{ name: "door", cluster: { server: `${door.url}/base/`, ...cluster } }],
        users: [{ name: "ann", user }],
      };
      folder.write("config", JSON.stringify(kubeconfig));
    },
    async open(over = {}, config = { kubeconfig: `${folder.path}/config`, inCluster: false }) {
      const host = { env: {}, home: folder.path, serviceAccountFolder: folder.path, ...over };
      const make = await openAccess(config as never, testContext({ clock, log, baseDir: folder.path }), host);
      return stack.use(make());
    },
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

async function ask(access: ApiAccess): Promise<string> {
  const answer = await access.request({ path: "/api?x=1", signal: never });
  return `${answer.status} ${await answer.text(1_000)}`;
}

describe("a kubeconfig's user", () => {
  test("shows a token, below the server's own path", async () => {
    await using it = await lab();
    it.write({ token: "ann" });
    it.door.known.add("ann");
    const access = await it.open();
    assert.equal(access.namespace, "shop");
    assert.equal(await ask(access), "200 ann");
    assert.deepEqual(it.door.asked, ["GET /base/api?x=1 as ann"]);
    assert.equal(access.shown, `${it.door.url}/base`);
  });

  test("shows a name and a password", async () => {
    await using it = await lab();
    it.write({ username: "ann", password: "secret" });
    it.door.known.add("ann:secret");
    assert.equal(await ask(await it.open()), "200 ann:secret");
  });

  test("shows a certificate, from files or as data", async () => {
    await using it = await lab();
    it.door.known.add("ann").add("ben");
    const ann = it.door.ca.issue("ann", { commonName: "ann" });
    const ben = it.door.ca.issue("ben", { commonName: "ben" });
    it.write({ "client-certificate": ann.certPath, "client-key": ann.keyPath });
    assert.equal(await ask(await it.open()), "200 ann");
    const data = (path: string): string => readFileSync(path).toString("base64");
    it.write({ "client-certificate-data": data(ben.certPath), "client-key-data": data(ben.keyPath) });
    assert.equal(await ask(await it.open()), "200 ben");
  });

  test("whose certificate files are replaced is asked for by the new one, over a new connection", async () => {
    await using it = await lab();
    it.door.known.add("ann").add("ben");
    const ann = it.door.ca.issue("ann", { commonName: "ann" });
    const ben = it.door.ca.issue("ben", { commonName: "ben" });
    const files = { "client-certificate": `${it.folder.path}/crt`, "client-key": `${it.folder.path}/key` };
    it.folder.write("crt", readFileSync(ann.certPath, "utf8"));
    it.folder.write("key", readFileSync(ann.keyPath, "utf8"));
    it.write(files);
    const access = await it.open();
    assert.equal(await ask(access), "200 ann");
    assert.equal(await ask(access), "200 ann");
    assert.equal(it.door.connections, 1);
    it.folder.write("crt", readFileSync(ben.certPath, "utf8"));
    it.folder.write("key", readFileSync(ben.keyPath, "utf8"));
    it.door.known.delete("ann");
    assert.equal(await ask(access), "401 ann");
    assert.equal(await ask(access), "200 ben");
    assert.equal(it.door.connections, 2);
  });

  test("is what an exec plugin makes, anew after a 401", async () => {
    await using it = await lab();
    const plugin = it.folder.write("plugin", `#!/bin/sh\ncat "$(dirname "$0")/answer"\n`);
    chmodSync(plugin, 0o755);
    const apiVersion = "client.authentication.k8s.io/v1beta1";
    const answer = (token: string): void =>
      void it.folder.write("answer", JSON.stringify({ apiVersion, kind: "ExecCredential", status: { token } }));
    answer("first");
    it.door.known.add("first");
    it.write({ exec: { apiVersion, command: "./plugin" } });
    const access = await it.open({ env: { PATH: process.env["PATH"] } });
    assert.equal(await ask(access), "200 first");
    answer("second");
    it.door.known.delete("first");
    it.door.known.add("second");
    it.clock.advance(2_000);
    assert.equal(await ask(access), "401 first");
    assert.equal(await ask(access), "200 second");
  });

  test("that cannot be made is named with file, user and reason", async () => {
    await using it = await lab();
    it.write({ exec: { apiVersion: "client.authentication.k8s.io/v1", command: "./missing" } });
    const message = `${it.folder.path}/config: user ann: ${it.folder.path}/missing is not there`;
    await assert.rejects(ask(await it.open()), { message });
  });
});

describe("a kubeconfig's cluster", () => {
  test("is believed by its authority and by the name of its certificate only", async () => {
    await using it = await lab();
    using other = authority("Other Root");
    it.door.known.add("ann");
    const trust = { "certificate-authority": it.door.ca.caPath };
    const asked = async (cluster: object): Promise<string> => {
      it.write({ token: "ann" }, cluster);
      return ask(await it.open());
    };
    await assert.rejects(asked({ "certificate-authority": other.caPath }), /cannot be asked: .*certificate/);
    await assert.rejects(asked({ ...trust, "tls-server-name": "other.test" }), /other\.test/);
    assert.equal(await asked({ ...trust, "tls-server-name": "api.test" }), "200 ann");
    assert.equal(await asked({ "insecure-skip-tls-verify": true }), "200 ann");
    await assert.rejects(asked({ ...trust, "insecure-skip-tls-verify": true }), /contradict each other$/);
    await assert.rejects(asked({ ...trust, server: "ftp://api.test" }), /`server` is "ftp:\/\/api\.test"/);
  });

  test("is asked through its proxy, or through the environment's", async () => {
    await using it = await lab();
    const proxy = await openProxy(it.stack, it.door.port);
    it.door.known.add("ann");
    it.write({ token: "ann" }, { "certificate-authority": it.door.ca.caPath, "proxy-url": proxy.url });
    assert.equal(await ask(await it.open()), "200 ann");
    assert.deepEqual(proxy.connected, [`127.0.0.1:${it.door.port}`]);
    const named = { "certificate-authority": it.door.ca.caPath, server: `https://api.test:${it.door.port}` };
    it.write({ token: "ann" }, named);
    assert.equal(await ask(await it.open({ env: { https_proxy: proxy.url } })), "200 ann");
    assert.deepEqual(proxy.connected.at(-1), `api.test:${it.door.port}`);
    await assert.rejects(ask(await it.open({ env: { https_proxy: proxy.url, NO_PROXY: "test" } })), /api\.test/);
    assert.equal(proxy.connected.length, 2);
  });
});

describe("the contexts of one kubeconfig", () => {
  test("lead to a cluster each, and one that is not there is told with what was meant", async () => {
    await using it = await lab();
    const other = await openApiDoor(it.stack);
    it.door.known.add("ann");
    other.known.add("ben");
    const cluster = ({ url, ca }: ApiDoor) => ({ server: url, "certificate-authority": ca.caPath });
    const kubeconfig = {
      contexts: [
        { name: "east", context: { cluster: "one", user: "ann", namespace: "shop" } },
        { name: "west", context: { cluster: "two", user: "ben" } },
      ],
      clusters: [
        { name: "one", cluster: cluster(it.door) },
        { name: "two", cluster: cluster(other) },
      ],
      users: ["ann", "ben"].map((name) => ({ name, user: { token: name } })),
    };
    const file = it.folder.write("config", JSON.stringify(kubeconfig));
    const at = (context?: string): Promise<ApiAccess> => it.open({}, { kubeconfig: file, context });
    const [east, west] = [await at("east"), await at("west")];
    assert.deepEqual([await ask(east), await ask(west)], ["200 ann", "200 ben"]);
    assert.deepEqual([east.shown, west.shown], [it.door.url, other.url]);
    assert.deepEqual([east.namespace, west.namespace], ["shop", undefined]);
    await assert.rejects(ask(await at("wets")), { message: `${file}: there is no context wets; perhaps west` });
    const none = `${file}: it has no \`current-context\`, and no \`context\` is configured`;
    await assert.rejects(ask(await at()), { message: none });
  });
});

describe("a kubeconfig that changes", () => {
  test("is read again, and used for the next request", async () => {
    await using it = await lab();
    it.door.known.add("ann").add("ben");
    it.write({ token: "ann" });
    const access = await it.open();
    assert.equal(await ask(access), "200 ann");
    it.write({ token: "ben" });
    assert.equal(await ask(access), "200 ann");
    it.clock.advance(1_000);
    assert.equal(await ask(access), "200 ben");
    assert.equal(it.door.connections, 1);
    assert.equal(it.log.told("kubernetes.reloaded").length, 1);
  });

  test("into what cannot be used changes nothing, and is told once", async () => {
    await using it = await lab();
    it.door.known.add("ann").add("ben");
    it.write({ token: "ann" });
    const access = await it.open();
    it.folder.write("config", '{"current-context": "hree", "contexts": [{"name": "here", "context": {}}]}');
    for (let times = 0; times < 3; times++) {
      it.clock.advance(1_000);
      assert.equal(await ask(access), "200 ann");
    }
    const causes = it.log.told("kubernetes.kept").map(({ fields }) => fields["cause"]);
    assert.deepEqual(causes, [`${it.folder.path}/config: there is no context hree; perhaps here`]);
    it.write({ token: "ben" });
    it.clock.advance(1_000);
    assert.equal(await ask(access), "200 ben");
  });

  test("is read as soon as it is there", async () => {
    await using it = await lab();
    it.door.known.add("ann");
    const access = await it.open();
    assert.equal(access.namespace, undefined);
    await assert.rejects(ask(access), { message: `cannot read ${it.folder.path}/config: there is no such file` });
    it.write({ token: "ann" });
    assert.equal(await ask(access), "200 ann");
    assert.equal(access.namespace, "shop");
  });
});

describe("a pod", () => {
  const inCluster = { inCluster: true };

  test("asks as its service account, by the token that is in the file now", async () => {
    await using it = await lab();
    it.folder.write("token", "pod-1\n");
    it.folder.write("ca.crt", readFileSync(it.door.ca.caPath, "utf8"));
    it.folder.write("namespace", "shop");
    it.door.known.add("pod-1").add("pod-2");
    const env = { KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: `${it.door.port}` };
    const access = await it.open({ env }, inCluster);
    assert.equal(access.namespace, "shop");
    assert.equal(access.shown, it.door.url);
    assert.equal(await ask(access), "200 pod-1");
    it.folder.write("token", "pod-2\n");
    it.clock.advance(60_000);
    assert.equal(await ask(access), "200 pod-2");
    it.folder.write("token", "pod-3\n");
    it.door.known.clear();
    it.door.known.add("pod-3");
    assert.equal(await ask(access), "401 pod-2");
    assert.equal(await ask(access), "200 pod-3");
    assert.equal(it.door.connections, 1);
  });

  test("believes a new authority as soon as it is in the file", async () => {
    await using it = await lab();
    using next = authority("Next Root");
    it.folder.write("token", "pod");
    it.folder.write("ca.crt", readFileSync(it.door.ca.caPath, "utf8"));
    it.door.known.add("pod");
    const env = { KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: `${it.door.port}` };
    it.door.identify(next);
    await assert.rejects(ask(await it.open({ env }, inCluster)), /certificate/);
    writeFileSync(`${it.folder.path}/ca.crt`, readFileSync(next.caPath));
    assert.equal(await ask(await it.open({ env }, inCluster)), "200 pod");
  });

  test("that is none is told so", async () => {
    await using it = await lab();
    await assert.rejects(
      ask(await it.open({}, inCluster)),
      /KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set$/,
    );
  });
});

interface Proxy {
  readonly url: string;
  readonly connected: readonly string[];
}

/** Connects whoever asks to `port` of this host, whatever the name. */
async function openProxy(stack: AsyncDisposableStack, port: number): Promise<Proxy> {
  const connected: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer();
  server.on("connect", ({ url = "" }, socket: Socket) => {
    connected.push(url);
    const onward = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      socket.pipe(onward).pipe(socket);
    });
    for (const each of [socket, onward]) sockets.add(each.on("error", () => undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stack.defer(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, connected };
}
