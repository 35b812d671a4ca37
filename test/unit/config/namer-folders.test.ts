/** Tests of what is found of the folders that namers read. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { builtins } from "../../../src/builtins.ts";
import { ConfigError, type ConfigProblem } from "../../../src/config/config-error.ts";
import { parseConfig } from "../../../src/config/load.ts";
import { tempFolder } from "../../e2e/temp-folder.ts";

const yamlOf = (rootDir: string): string => `
namers:
- kind: io.l5d.fs
  rootDir: ${rootDir}
routers:
- protocol: http
  dtab: /svc => /#/io.l5d.fs
  servers: [{port: 4140}]
`;

/** `DIR` stands for the folder of the configuration, whose path no test knows. */
async function shown(text: string, pluginFiles = true): Promise<readonly string[]> {
  using folder = tempFolder({ "disco/users": "10.0.0.1 80\n" });
  const show = ({ file, line, column, severity, code, message, expected }: ConfigProblem): string =>
    `${file}:${line}:${column} ${severity} ${code}: ${message}; ${expected}`.replaceAll(folder.path, "DIR");
  try {
    const written = text.replace("DIR", folder.path);
    const options = { file: "linkerd.yaml", baseDir: folder.path, builtins, pluginFiles };
    return (await parseConfig(written, options)).warnings.map(show);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(show);
    throw error;
  }
}

test("a rootDir that is there is not spoken of", async () => {
  assert.deepEqual(await shown(yamlOf("disco")), []);
  assert.deepEqual(await shown(yamlOf(join("DIR", "disco"))), []);
});

test("a rootDir that is not there may come later, and is warned of with where it was looked for", async () => {
  assert.deepEqual(await shown(yamlOf("nope")), [
    "linkerd.yaml:4:12 warning file.absent: there is no folder nope (DIR/nope): names in it wait until it is there; a folder, relative to that of the configuration file",
  ]);
  assert.deepEqual(await shown(yamlOf("/nope/disco")), [
    "linkerd.yaml:4:12 warning file.absent: there is no folder /nope/disco: names in it wait until it is there; a folder, relative to that of the configuration file",
  ]);
});

test("a rootDir that is a file never is a folder", async () => {
  assert.deepEqual(await shown(yamlOf("disco/users")), [
    "linkerd.yaml:4:12 error value.invalid: disco/users is not a folder; a folder, relative to that of the configuration file",
  ]);
});

test("a rootDir below a file is not there", async () => {
  const [only = "", ...more] = await shown(yamlOf("disco/users/more"));
  assert.match(only, /^linkerd\.yaml:4:12 warning file\.absent: /);
  assert.deepEqual(more, []);
});

test("of the short form the place is that of its own key", async () => {
  const lines = await shown("sources:\n  files: {files: ./nope}\nroutes: {users: files/users}\n");
  assert.deepEqual(lines, [
    "linkerd.yaml:2:18 warning file.absent: there is no folder ./nope (DIR/nope): names in it wait until it is there; a folder, relative to that of the configuration file",
  ]);
});

test("who only runs a file does not look for folders", async () => {
  assert.deepEqual(await shown(yamlOf("nope"), false), []);
});
