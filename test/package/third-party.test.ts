/** The example of a third party's namer, built and run as its author would: against the package that npm makes. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { root, SpawnedProcess } from "../e2e/cli.ts";
import { type TempFolder, tempFolder } from "../e2e/temp-folder.ts";
import { startBackend } from "../load/backend.ts";
import { askOnce } from "../load/open-load.ts";
import { waitUntil } from "../load/wait-until.ts";
import { FakeEureka } from "../../examples/third-party-namer/test/fake-eureka.ts";

const NAME = "linkspan-namer-eureka";
const node = join(root, "node_modules/.bin/node");
/** As in a shell: a test that knows of another around it does not run its files. */
const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...env } = process.env;

describe("a third party's namer", { timeout: 300_000 }, () => {
  let folder: TempFolder;
  let example: string;

  before(() => {
    folder = tempFolder({ "package.json": '{"private": true}' });
    example = join(folder.path, "example");
    cpSync(join(root, "examples/third-party-namer"), example, {
      recursive: true,
      filter: (from) => !/\/(node_modules|dist)$/.test(from),
    });
    execFileSync("npm", ["pack", "--silent", "--pack-destination", folder.path], { stdio: "pipe", cwd: root });
    const [tarball = ""] = readdirSync(folder.path).filter((name) => /^linkspan-.*\.tgz$/.test(name));
    const install = ["install", "--omit=optional", "--prefer-offline", "--no-audit", "--no-fund", `./${tarball}`];
    execFileSync("npm", install, { stdio: "pipe", cwd: folder.path, env });
    // What its devDependencies would install, from here.
    mkdirSync(join(folder.path, "node_modules/@types"), { recursive: true });
    for (const name of ["@types/node", "undici-types", "typescript"]) {
      symlinkSync(join(root, "node_modules", name), join(folder.path, "node_modules", name));
    }
  });
  after(() => folder[Symbol.dispose]());

  it("is built with the types of the package, and keeps the contract with one import", { timeout: 240_000 }, () => {
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const built = spawnSync(node, [tsc, "-p", "."], { cwd: example, env, encoding: "utf8" });
    assert.deepEqual([built.status, built.stdout], [0, ""]);
    const tested = spawnSync(node, ["--test", "dist/test/*.test.js"], { cwd: example, env, encoding: "utf8" });
    assert.equal(tested.status, 0, tested.stdout.slice(-4_000));
    const passed = Number(/ pass (\d+)\n/.exec(tested.stdout)?.[1]);
    assert.ok(passed >= 40, `${passed} tests passed`);
  });

  it("is named in a configuration, and routes requests", { timeout: 60_000 }, async () => {
    const installed = join(folder.path, "node_modules", NAME);
    mkdirSync(installed, { recursive: true });
    for (const part of ["package.json", "dist"])
      cpSync(join(example, part), join(installed, part), { recursive: true });
    await using backend = await startBackend("from Eureka");
    await using eureka = await FakeEureka.start();
    const port = { $: backend.port, "@enabled": "true" };
    eureka.apps.set("USERS", [{ instanceId: "i-1", ipAddr: "127.0.0.1", port, status: "UP" }]);
    folder.write(
      "linkspan.yaml",
      `plugins: [${NAME}]
admin: {port: 0}
namers:
- {kind: com.example.eureka, host: 127.0.0.1, port: ${eureka.port}, interval: 1s}
routers:
- protocol: http
  dtab: /svc => /#/com.example.eureka
  servers: [{port: 0}]
`,
    );
    const bin = join(folder.path, "node_modules/.bin/linkspan");
    const run = (command: string): SpawnedProcess =>
      new SpawnedProcess(node, [bin, command, "linkspan.yaml"], { cwd: folder.path, env });
    const checked = await run("check").endWithin(20_000);
    assert.deepEqual([checked.code, checked.err], [0, ""]);
    await using daemon = run("run");
    await waitUntil("it listens", 20_000, () => daemon.logged("server.listening").length > 0);
    const listening = Number(daemon.logged("server.listening")[0]?.["port"]);
    const answer = await askOnce({ port: listening, host: "users" });
    assert.deepEqual([answer.status, answer.body], [200, "from Eureka"]);
    daemon.signal("SIGTERM");
    assert.equal((await daemon.endWithin(20_000)).code, 0);
  });
});
