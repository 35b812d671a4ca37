/**
 * Bundles the code of the package into `dist/src`: a file for each entry, and one for what several of them share, so that
 * core and plugins have the same classes. Each module that Node loads takes some 50 KB, in each thread, and there are
 * hundreds of them.
 */
import { readFileSync } from "node:fs";
import { build } from "esbuild";

interface Package {
  readonly exports: Readonly<Record<string, string | { readonly source: string }>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

const { exports, dependencies } = JSON.parse(readFileSync("package.json", "utf8")) as Package;
const published = Object.values(exports).flatMap((entry) => (typeof entry === "string" ? [] : [entry.source]));

await build({
  entryPoints: ["src/main.ts", ...published],
  outdir: "dist/src",
  outbase: "src",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24",
  conditions: ["source"],
  external: Object.keys(dependencies),
  logLevel: "warning",
});
