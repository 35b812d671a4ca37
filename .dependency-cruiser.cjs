/** The import table of ARCHITECTURE.md, as rules: each folder may import itself and what stands beside it. */
const { HTTP_PROTOCOL_FOLDERS, may } = require("./scripts/import-table.cjs");

const folderRules = Object.entries(may).map(([folder, allowed]) => ({
  name: `${folder.replaceAll("/", "-")}-imports-only-its-table`,
  severity: "error",
  from: { path: `^${folder}/` },
  to: {
    path: "^(src|namers|test|scripts)/",
    pathNot: [`^${folder}/`, ...allowed.map((other) => (other.endsWith(".ts") ? `^${other}$` : `^${other}/`))],
  },
}));

module.exports = {
  forbidden: [
    ...folderRules,
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    { name: "no-unresolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
    { name: "shipped-code-imports-no-tests", severity: "error", from: { path: "^(src|namers)/" }, to: { path: "^(test|scripts)/" } },
    {
      name: "plugins-know-only-the-sdk",
      severity: "error",
      from: { path: "^(namers/[^/]+|src/plugins/[^/]+)/" },
      to: { path: "^(src|namers)/", pathNot: ["^$1/", "^src/plugin\\.ts$"] },
    },
    {
      name: "only-roots-import-the-roots",
      severity: "error",
      from: { path: "^(src|namers)/", pathNot: "^src/(main|index|start-daemon)\\.ts$" },
      to: { path: "^src/(linker|thread-linker|worker|control|start-daemon|main|index)\\.ts$" },
    },
    {
      name: "own-http-codecs",
      severity: "error",
      from: { path: `^src/(${HTTP_PROTOCOL_FOLDERS.join("|")})/` },
      to: { path: "^(node:)?(http|https|http2)$" },
    },
    { name: "base-imports-only-node", severity: "error", from: { path: "^src/base/" }, to: { dependencyTypesNot: ["core", "local"], pathNot: "^(src/base/|node:)" } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(dist|src/admin/dashboard/)" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { conditionNames: ["source", "import", "types", "node", "default"], exportsFields: ["exports"] },
  },
};
