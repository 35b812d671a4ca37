/** Builds the real Kubernetes API server and its controllers into the cache, and says how far it is: the first time takes minutes. */
import { execFileSync, spawn } from "node:child_process";
import { renameSync } from "node:fs";
import { createInterface } from "node:readline";
import { kubernetesModule, programs } from "../test/servers/installed.ts";

const SAY_EVERY_MS = 10_000;

const env = { ...process.env, CGO_ENABLED: "0" };
const building = `${programs.kubernetes}.new`;
try {
  const code = await build(countPackages());
  if (code === 0) renameSync(building, programs.kubernetes);
  process.exitCode = code;
} catch (error) {
  console.error(`Kubernetes cannot be built; Go must be on the path: ${String(error)}`);
  process.exitCode = 1;
}

function countPackages(): number {
  console.log("Kubernetes: fetching the modules");
  const listed = execFileSync("go", ["list", "-mod=readonly", "-deps", "."], {
    cwd: kubernetesModule,
    env,
    encoding: "utf8",
    maxBuffer: 16 * 1024 * 1024,
    stdio: ["ignore", "pipe", "inherit"],
  });
  return listed.split("\n").length - 1;
}

/** `-v` names each package when it is compiled; those that Go has cached it does not name. */
function build(whole: number): Promise<number> {
  const flags = ["-v", "-mod=readonly", "-trimpath", "-ldflags=-s -w", "-o", building];
  const child = spawn("go", ["build", ...flags, "."], {
    cwd: kubernetesModule,
    env,
    stdio: ["ignore", "inherit", "pipe"],
  });
  let compiled = 0;
  createInterface(child.stderr).on("line", (line) => {
    if (/^[\w./-]+$/.test(line)) compiled++;
    else console.error(line);
  });
  const say = (): void => console.log(`Kubernetes: ${compiled} packages compiled, of ${whole} at most`);
  const timer = setInterval(say, SAY_EVERY_MS);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exit) => {
      clearInterval(timer);
      say();
      resolve(exit ?? 1);
    });
  });
}
