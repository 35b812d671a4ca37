/** The checks of every build: types, lint, format, structure, dead code. */
import { execFileSync, spawnSync } from "node:child_process";
import { runStep } from "./run-step.ts";

interface Cruised {
  readonly summary: { readonly totalCruised: number; readonly violations: readonly unknown[] };
}

/** dependency-cruiser finds nothing, and says nothing, when it cannot read TypeScript: so what it saw is counted. */
function cruise(): number {
  const roots = ["src", "namers"];
  const tracked = execFileSync("git", ["ls-files", "-co", "--exclude-standard", ...roots], { encoding: "utf8" })
    .split("\n")
    .filter((file) => file.endsWith(".ts") && !file.startsWith("src/admin/dashboard/"));
  const shown = spawnSync("depcruise", [...roots, "--config", "--output-type", "err-long"], { encoding: "utf8" });
  process.stdout.write(shown.stdout + shown.stderr);
  const asData = spawnSync("depcruise", [...roots, "--config", "--output-type", "json"], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const seen = (JSON.parse(asData.stdout) as Cruised).summary.totalCruised;
  console.log(`dependency-cruiser saw ${seen} modules; the tree has ${tracked.length}`);
  return shown.status === 0 && seen >= tracked.length ? 0 : 1;
}

const steps: readonly (readonly [string, () => number | Promise<number>])[] = [
  ["types", () => runStep("tsc", ["-p", "."])],
  ["types of the page", () => runStep("tsc", ["-p", "src/admin/dashboard"])],
  ["lint", () => runStep("oxlint", ["-c", ".oxlintrc.json", "--deny-warnings", "src", "namers", "test", "scripts"])],
  ["format", () => runStep("prettier", ["--check", "--log-level", "warn", "."])],
  ["structure", cruise],
  ["dead code", () => runStep("knip", [])],
];

const failed: string[] = [];
for (const [name, run] of steps) {
  const code = await run();
  console.log(`${code === 0 ? "ok    " : "FAILED"} ${name}`);
  if (code !== 0) failed.push(name);
}
if (failed.length > 0) {
  console.error(`checks failed: ${failed.join(", ")}`);
  process.exitCode = 1;
}
