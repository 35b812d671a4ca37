/** Builds the admin port's pages into static files below `dist/dashboard`. */
import { copyFileSync, mkdirSync } from "node:fs";
import { build } from "esbuild";

mkdirSync("dist/dashboard", { recursive: true });
await build({
  entryPoints: { dashboard: "src/admin/dashboard/main.tsx", playground: "src/admin/dashboard/playground.tsx" },
  outdir: "dist/dashboard",
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  logLevel: "warning",
});
for (const file of ["index.html", "playground.html", "icon.svg"]) {
  copyFileSync(`src/admin/dashboard/${file}`, `dist/dashboard/${file}`);
}
