/** Compiles the package into `dist/`: Node refuses to strip types below node_modules. */
import { rmSync } from "node:fs";
import { runStep } from "./run-step.ts";

for (const folder of ["dist/src", "dist/namers"]) rmSync(folder, { recursive: true, force: true });
const compiled = await runStep("tsc", ["-p", "tsconfig.build.json"]);
if (compiled !== 0) process.exit(compiled);
process.exitCode = await runStep(process.execPath, ["scripts/build-dashboard.ts"]);
