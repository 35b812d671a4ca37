/** Builds the package into `dist/`: types of its modules, code of its entries, and the admin page. */
import { rmSync } from "node:fs";
import { runStep } from "./run-step.ts";

for (const folder of ["dist/src", "dist/namers"]) rmSync(folder, { recursive: true, force: true });
const typed = await runStep("tsc", ["-p", "tsconfig.build.json"]);
if (typed !== 0) process.exit(typed);
const bundled = await runStep(process.execPath, ["scripts/build-code.ts"]);
if (bundled !== 0) process.exit(bundled);
process.exitCode = await runStep(process.execPath, ["scripts/build-dashboard.ts"]);
