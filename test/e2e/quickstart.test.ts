/** The first minute of a new user: `npm start`, the line that it prints, and its end. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import net from "node:net";
import { readdirSync, readFileSync } from "node:fs";
import { it } from "node:test";
import { waitUntil } from "../load/wait-until.ts";
import { root, SpawnedProcess } from "./cli.ts";

/** Those that `config/quickstart.yaml` and the demo instances name. */
const ports = [4140, 9990, 18_081, 18_082];

async function assertFree(port: number): Promise<void> {
  const isTaken = await new Promise<boolean>((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
  assert.ok(!isTaken, `port ${port} is in use: \`npm start\` needs ${ports.join(", ")}; end what listens there`);
}

/** Of all processes below `pid`, by their ids. */
function descendants(pid: number): readonly number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "latin1");
      parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {
      // It ended between the listing and the look at it.
    }
  }
  const below = (id: number): boolean => {
    const parent = parents.get(id);
    return parent !== undefined && parent !== 0 && (parent === pid || below(parent));
  };
  return [...parents.keys()].filter(below);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

it(
  "npm start runs two instances, prints a line that reaches them, and SIGTERM leaves nothing behind",
  { timeout: 60_000 },
  async () => {
    for (const port of ports) await assertFree(port);
    await using npm = new SpawnedProcess("npm", ["start"], { cwd: root, detached: true });
    const said = (): string => npm.out + npm.err;
    await waitUntil("the line to try is printed", 20_000, () => /curl /.test(said()) || !npm.isRunning);
    const line = /^\s*(curl .*)$/m.exec(said())?.[1] ?? "";
    assert.match(line, /^curl /, said());

    const curl = line.replace(/^curl/, "curl --silent --max-time 5");
    const one = spawnSync("sh", ["-c", curl], { encoding: "utf8", timeout: 10_000 });
    assert.equal(one.status, 0, `${line}: ${one.stderr}`);
    assert.match(one.stdout, /^hello from users, the (fast|slow) instance/);
    const many = spawnSync("sh", ["-c", `${`${curl} & `.repeat(8)} wait`], { encoding: "utf8", timeout: 10_000 });
    const answers = (many.stdout + one.stdout).split("\n").filter((each) => each !== "");
    assert.equal(answers.length, 9, many.stdout);
    assert.equal(new Set(answers).size, 2, many.stdout);

    const names = (await (await fetch("http://127.0.0.1:9990/admin/names")).json()) as {
      routers: { routes: { name: string }[]; clusters: { endpoints: { address: string }[] }[] }[];
    };
    assert.deepEqual(
      names.routers[0]?.routes.map(({ name }) => name),
      ["/svc/users"],
    );
    assert.deepEqual(
      names.routers[0]?.clusters.flatMap(({ endpoints }) => endpoints.map(({ address }) => address)).sort(),
      ["127.0.0.1:18081", "127.0.0.1:18082"],
    );
    assert.equal((await fetch("http://127.0.0.1:9990/")).status, 200);

    const family = descendants(npm.child.pid ?? 0);
    assert.ok(family.length > 0);
    npm.signal("SIGTERM");
    await npm.endWithin(15_000);
    await waitUntil("every process is gone", 5_000, () => !family.some(isAlive));
    for (const port of ports) await assertFree(port);
    assert.doesNotMatch(said(), /\n\s+at .+:\d+:\d+|"event":"bug"/);
  },
);
