/** The package as npm makes it and as a user installs it, and the files that deploy it. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import { parse } from "yaml";
import { root, SpawnedProcess } from "../e2e/cli.ts";
import { type TempFolder, tempFolder } from "../e2e/temp-folder.ts";
import { startBackend } from "../load/backend.ts";
import { askOnce } from "../load/open-load.ts";
import { waitUntil } from "../load/wait-until.ts";
import { requireServer } from "../servers/require.ts";

const node26 = join(root, "node_modules/.bin/node");
/** Without what the checkout put there: as on a machine that only has the package. */
const plainPath = (process.env["PATH"] ?? "")
  .split(":")
  .filter((folder) => !folder.includes("node_modules"))
  .join(":");
const plainEnv = { ...process.env, PATH: plainPath };

describe("the package that npm makes", { timeout: 240_000 }, () => {
  let folder: TempFolder;
  let bin: string;

  before(() => {
    folder = tempFolder({ "package.json": '{"private": true}' });
    execFileSync("npm", ["pack", "--silent", "--pack-destination", folder.path], { stdio: "pipe", cwd: root });
    const [tarball = ""] = readdirSync(folder.path).filter((name) => /^linkspan-.*\.tgz$/.test(name));
    const install = ["install", "--omit=optional", "--prefer-offline", "--no-audit", "--no-fund", `./${tarball}`];
    execFileSync("npm", install, { stdio: "pipe", cwd: folder.path, env: plainEnv });
    bin = join(folder.path, "node_modules/.bin/linkspan");
  });
  after(() => folder[Symbol.dispose]());

  const runBin = (node: string, args: readonly string[]): SpawnedProcess =>
    new SpawnedProcess(node, [bin, ...args], { cwd: folder.path, env: plainEnv });

  it("an old Node is told the line that works, and exits 69", async (t) => {
    const version = execFileSync("/usr/bin/env", ["node", "--version"], { encoding: "utf8", env: plainEnv }).trim();
    if (Number(version.slice(1).split(".")[0]) >= 24) return t.skip(`the Node of this machine is ${version}`);
    const ended = await new SpawnedProcess(bin, ["version"], { cwd: folder.path, env: plainEnv }).endWithin(10_000);
    assert.equal(ended.code, 69);
    assert.match(
      ended.err,
      /^linkspan needs Node 24 or newer and found 20\..*\n.*\n {2}npx -p node@26 -p linkspan linkspan\n$/,
    );
  });

  for (const workers of [0, 1]) {
    it(`it checks a configuration, and serves requests and the admin page, with ${workers} worker(s)`, async (t) => {
      await using backend = await startBackend("packed");
      folder.write("disco/users", `127.0.0.1 ${backend.port}\n`);
      folder.write(
        "linkspan.yaml",
        `workers: ${workers}\nadmin: {port: 0}\nsources: {files: {files: ./disco}}\nroutes: {"*": files/*}\nlisten: 0\n`,
      );
      const checked = await runBin(node26, ["check", "linkspan.yaml"]).endWithin(10_000);
      assert.deepEqual([checked.code, checked.err], [0, ""]);

      await using daemon = runBin(node26, ["run", "linkspan.yaml"]);
      await waitUntil("it listens", 10_000, () => daemon.logged("admin.listening").length > 0);
      const port = Number(daemon.logged("server.listening")[0]?.["port"]);
      const answer = await askOnce({ port, host: "users" });
      assert.deepEqual([answer.status, answer.body], [200, "packed"]);
      const adminUrl = `http://127.0.0.1:${String(daemon.logged("admin.listening")[0]?.["port"])}`;
      for (const [path, holds] of [
        ["/", /<div id="page">/],
        ["/dashboard.js", /EventSource/],
        ["/dashboard.css", /\.route/],
        ["/metrics", /linkspan_requests_total/],
      ] as const) {
        const response = await fetch(`${adminUrl}${path}`);
        assert.deepEqual([path, response.status], [path, 200]);
        assert.match(await response.text(), holds);
      }
      const status = readFileSync(`/proc/${daemon.child.pid ?? 0}/status`, "utf8");
      t.diagnostic(
        `resident memory of the packed daemon with ${workers} worker(s): ${/VmRSS:\s+(.*)/.exec(status)?.[1]}`,
      );
      daemon.signal("SIGTERM");
      assert.equal((await daemon.endWithin(10_000)).code, 0);
    });
  }

  it("it has what it promises, and nothing of the tests", () => {
    const installed = join(folder.path, "node_modules/linkspan");
    for (const path of [
      "LICENSE",
      "config/quickstart.yaml",
      "config/schema.json",
      "deploy/linkspan.service",
      "deploy/linkspan.socket",
      "docs",
    ]) {
      assert.ok(existsSync(join(installed, path)), path);
    }
    for (const path of ["src", "test", "node_modules", "bench-results"]) {
      assert.ok(!existsSync(join(installed, path)), path);
    }
    const { exports } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as {
      exports: Record<string, string | { types: string; default: string }>;
    };
    for (const entry of Object.values(exports)) {
      const paths = typeof entry === "string" ? [entry] : [entry.types, entry.default];
      for (const path of paths) assert.ok(existsSync(join(installed, path)), path);
    }
  });
});

/** The settings of a unit of systemd, by section. */
function sectionsOf(unit: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let section = new Map<string, string>();
  for (const line of readFileSync(join(root, "deploy", unit), "utf8").split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const name = /^\[(.+)\]$/.exec(line)?.[1];
    if (name !== undefined) sections.set(name, (section = new Map()));
    else {
      const [, key, value] = /^([A-Za-z]+)=(.*)$/.exec(line) ?? assert.fail(`not a setting: ${line}`);
      section.set(key ?? "", value ?? "");
    }
  }
  return sections;
}

describe("the files that deploy it", () => {
  it("the systemd unit has what systemd asks for", () => {
    const sections = sectionsOf("linkspan.service");
    assert.deepEqual([...sections.keys()], ["Unit", "Service", "Install"]);
    const service = sections.get("Service");
    assert.equal(service?.get("ExecStart"), "/usr/bin/linkspan run /etc/linkspan/linkspan.yaml");
    assert.equal(service?.get("ExecStartPre"), "/usr/bin/linkspan check /etc/linkspan/linkspan.yaml");
    assert.equal(service?.get("RestartPreventExitStatus"), "78");
    assert.equal(service?.get("DynamicUser"), "yes");
    assert.equal(sections.get("Install")?.get("WantedBy"), "multi-user.target");
  });

  it("the systemd socket has the name of the service, and the port of the examples", () => {
    const sections = sectionsOf("linkspan.socket");
    assert.deepEqual([...sections.keys()], ["Unit", "Socket", "Install"]);
    assert.equal(sections.get("Socket")?.get("ListenStream"), "127.0.0.1:4140");
    // One process for all connections.
    assert.equal(sections.get("Socket")?.get("Accept"), undefined);
    assert.equal(sections.get("Install")?.get("WantedBy"), "sockets.target");
  });

  it("systemd itself finds no fault with the units", (t) => {
    const analyze = "/usr/bin/systemd-analyze";
    if (!requireServer(t, existsSync(analyze) ? undefined : `${analyze} is not installed`)) return;
    // It looks for the program too, which only an installed package puts there.
    const unit = readFileSync(join(root, "deploy/linkspan.service"), "utf8").replaceAll(
      "/usr/bin/linkspan",
      "/bin/true",
    );
    const socket = readFileSync(join(root, "deploy/linkspan.socket"), "utf8");
    using folder = tempFolder({ "linkspan-verified.service": unit, "linkspan-verified.socket": socket });
    const files = ["service", "socket"].map((kind) => join(folder.path, `linkspan-verified.${kind}`));
    const verified = spawnSync(analyze, ["verify", "--man=no", ...files], { encoding: "utf8" });
    const said = verified.stderr.split("\n").filter((line) => line.includes("linkspan-verified"));
    assert.deepEqual(said, []);
  });

  it("docker-compose.yml names only files that exist", () => {
    interface Service {
      readonly build?: { readonly context: string; readonly dockerfile: string };
      readonly volumes?: readonly string[];
      readonly depends_on?: Readonly<Record<string, unknown>>;
    }
    const { services } = parse(readFileSync(join(root, "docker-compose.yml"), "utf8"), { merge: true }) as {
      services: Readonly<Record<string, Service>>;
    };
    for (const { build, volumes = [], depends_on: needed = {} } of Object.values(services)) {
      if (build) assert.ok(existsSync(resolve(root, build.context, build.dockerfile)), build.dockerfile);
      for (const volume of volumes) assert.ok(existsSync(resolve(root, volume.split(":")[0] ?? "")), volume);
      for (const name of Object.keys(needed)) assert.ok(name in services, name);
    }
    assert.ok("linkspan" in services);
  });

  it("the Dockerfiles copy only what exists", () => {
    for (const file of ["deploy/Dockerfile", "deploy/compose/Dockerfile.sample"]) {
      const text = readFileSync(join(root, file), "utf8");
      assert.match(text, /^FROM /m);
      for (const [, sources = ""] of text.matchAll(/^COPY (?!--)(.+) \S+$/gm)) {
        for (const source of sources.split(" ")) assert.ok(existsSync(resolve(root, source)), `${file}: ${source}`);
      }
    }
  });

  it("the configuration of docker-compose.yml passes the check", async () => {
    const args = ["--conditions=source", "src/main.ts", "check", "deploy/compose/linkspan.yaml"];
    const ended = await new SpawnedProcess(node26, args, { cwd: dirname(join(root, "package.json")) }).endWithin(
      10_000,
    );
    assert.deepEqual([ended.code, ended.err], [0, ""]);
  });
});
