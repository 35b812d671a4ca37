/** Every example is started as it stands, but on free ports, and with the files that it says there are. */
import assert from "node:assert/strict";
import { cpSync, readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { builtins } from "../../src/builtins.ts";
import { parseConfig } from "../../src/config/load.ts";
import { startDaemon } from "../../src/start-daemon.ts";
import { onFreePorts } from "../corpus/free-ports.ts";
import { type Authority, authority } from "../servers/certificates.ts";
import { type TempFolder, tempFolder } from "./temp-folder.ts";

const config = new URL("../../config/", import.meta.url).pathname;
const examples = readdirSync(join(config, "examples")).filter((name) => name.endsWith(".yaml"));

const cluster = (name: string): string => `- {name: ${name}, cluster: {server: "http://127.0.0.1:1"}}\n`;
const context = (name: string): string => `- {name: ${name}, context: {cluster: ${name}, user: nobody}}\n`;
const kubeconfig = `apiVersion: v1
kind: Config
clusters:
${cluster("here")}${cluster("there")}contexts:
${context("here")}${context("there")}users:
- {name: nobody, user: {}}
current-context: here
`;

/** A TCP router may reset at once: there is nobody behind it. */
function listens(port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect(port, "127.0.0.1", resolve);
  socket.on("error", (error: NodeJS.ErrnoException) => (error.code === "ECONNRESET" ? resolve() : reject(error)));
  return promise.finally(() => socket.destroy());
}

describe("the examples", { concurrency: 1 }, () => {
  let folder: TempFolder;
  let ca: Authority;
  before(() => {
    folder = tempFolder({ "examples/kubeconfig.yaml": kubeconfig });
    cpSync(config, folder.path, { recursive: true });
    ca = authority();
    const { certPath, keyPath } = ca.issue("edge", { commonName: "edge.example" });
    for (const name of ["edge.pem", "shop.pem"]) folder.write(`tls/${name}`, readFileSync(certPath, "utf8"));
    for (const name of ["edge.key", "shop.key"]) folder.write(`tls/${name}`, readFileSync(keyPath, "utf8"));
    for (const name of ["internal-root.pem", "callers-root.pem"])
      folder.write(`tls/${name}`, readFileSync(ca.caPath, "utf8"));
  });
  after(() => {
    ca[Symbol.dispose]();
    folder[Symbol.dispose]();
  });

  it("are twelve or more, and each says first whom it is for", () => {
    assert.ok(examples.length >= 12);
    for (const name of examples) assert.match(readFileSync(join(config, "examples", name), "utf8"), /^# For /, name);
  });

  for (const name of examples) {
    it(`${name} starts, listens and is ready or says what it waits for`, async () => {
      const text = readFileSync(join(folder.path, "examples", name), "utf8");
      const options = { file: name, baseDir: join(folder.path, "examples"), builtins };
      const read = await parseConfig(text.replaceAll("/etc/linkspan/tls", join(folder.path, "tls")), options);
      const log: string[] = [];
      const daemon = await startDaemon(onFreePorts(read), (line) => void log.push(line));
      try {
        assert.ok(daemon.servers.length > 0);
        for (const { port } of daemon.servers) await listens(port);
        const ready = await fetch(`http://127.0.0.1:${daemon.admin.port}/ready`);
        assert.ok([200, 503].includes(ready.status));
        assert.notEqual(await ready.text(), "");
      } finally {
        await daemon.close();
      }
      assert.deepEqual(
        log.filter((line) => line.includes('"event":"bug"')),
        [],
      );
    });
  }
});
