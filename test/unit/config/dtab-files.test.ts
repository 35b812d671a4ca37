/** Tests of what is found in the files that interpreters have their dtabs from. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError, type ConfigProblem } from "../../../src/config/config-error.ts";
import { parseConfig } from "../../../src/config/load.ts";
import { tempFolder } from "../../e2e/temp-folder.ts";
import { testPlugins } from "./test-plugins.ts";

const routerOf = (file: string, dtab = ""): string => `
namers:
- {kind: io.l5d.fs, rootDir: a}
routers:
- protocol: http
  interpreter: {kind: com.acme.file, dtab: ${file}}
  dtab: ${JSON.stringify(dtab)}
  servers: [{port: 4140}]
`;

async function shown(
  files: Readonly<Record<string, string>>,
  text: string,
  pluginFiles = true,
): Promise<readonly string[]> {
  using folder = tempFolder({ "a/users": "", ...files });
  const options = { file: "linkerd.yaml", baseDir: folder.path, builtins: testPlugins, pluginFiles };
  const show = ({ file, line, column, severity, code, message }: ConfigProblem): string =>
    `${file}:${line}:${column} ${severity} ${code}: ${message}`;
  try {
    return (await parseConfig(text, options)).warnings.map(show);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(show);
    throw error;
  }
}

test("a letter that cannot stand there is found in the file, by its name there", async () => {
  const files = { "routes/web.dtab": "/svc => /#/io.l5d.fs ;\n/svc/a => /#/io.l5d.fs/a |;\n" };
  const [only = "", ...more] = await shown(files, routerOf("routes/web.dtab"));
  assert.match(only, /^routes\/web\.dtab:2:27 error dtab\.syntax: /);
  assert.deepEqual(more, []);
});

test("what is odd in the file is found as in a router's own dtab, which lies over it", async () => {
  const files = { "web.dtab": "/srv => /#/io.l5d.sf ;\r\n/svc/a => /$/inet/10.0.0.1/80 ;\r\n/lost => /srv ;\r\n" };
  assert.deepEqual(await shown(files, routerOf("web.dtab", "/svc => /srv ;")), [
    "web.dtab:1:9 warning dtab.unserved: no namer serves /#/io.l5d.sf, so this binds to nothing",
    "web.dtab:3:1 warning dtab.unreachable: no name comes to /lost: names begin with /svc, and no dentry leads here",
  ]);
});

test("a file that is not there may come later; what is no file never is one", async () => {
  assert.deepEqual(await shown({}, routerOf("late.dtab")), [
    "linkerd.yaml:6:44 warning file.absent: there is no file late.dtab: names that it leads wait until it is there",
  ]);
  assert.deepEqual(await shown({ "dtabs/x": "" }, routerOf("dtabs")), [
    "linkerd.yaml:6:44 error value.invalid: dtabs is not a file",
  ]);
});

test("problems of the configuration come first, then those of each file", async () => {
  const files = { "web.dtab": "/svc => 0 * /#/io.l5d.fs & /#/io.l5d.fs/x ;\n" };
  const lines = await shown(files, routerOf("web.dtab", "/svc => 0 * /a & /b ;"));
  assert.deepEqual(
    lines.map((line) => line.split(" ", 1)[0]),
    ["linkerd.yaml:7:18", "web.dtab:1:9"],
  );
});

test("who only runs a file does not look into others", async () => {
  assert.deepEqual(await shown({ "web.dtab": "nonsense" }, routerOf("web.dtab"), false), []);
});
