import assert from "node:assert/strict";
import { test } from "node:test";
import rewrite, { rewritten } from "../../../../namers/rewrite/index.ts";
import { Pattern } from "../../../../src/config/pattern.ts";
import { ConfigError } from "../../../../src/config/config-error.ts";
import { SchemaError } from "../../../../src/config/plugin.ts";
import { parseConfig } from "../../../../src/config/load.ts";
import { builtins } from "../../../../src/builtins.ts";
import { Path } from "../../../../src/naming/path.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";
import { now } from "../../../fakes/naming-fixture.ts";

const of = (pattern: string, name: string, path: string): string =>
  rewritten(Pattern.read(pattern), name, Path.read(path))?.show ?? "~";

test("a path that matches becomes the name, with what was captured, and loses what follows", () => {
  assert.equal(of("/{foo}/*/three", "/success/{foo}", "/one/two/three"), "/success/one");
  assert.equal(of("/{foo}/*/three", "/success/{foo}", "/one/two/three/four"), "/success/one");
  assert.equal(of("/{foo}/*/four", "/success/{foo}", "/one/two/three"), "~");
  assert.equal(of("/{foo}/*/three", "/success/{foo}", "/one"), "~");
});

test("several captures of one element take as much as they can, from the left", () => {
  assert.equal(of("/{A}-{B}", "/{A}/{B}", "/foo-bar-baz"), "/foo-bar/baz");
  assert.equal(of("/{A}.{B}.{C}/{D}", "/{D}/{C}/{B}/{A}", "/www.foo.com/80"), "/80/com/foo/www");
  assert.equal(of("/{A}:http", "/{A}", "/bas:http"), "/bas");
  assert.equal(of("/{A}:http", "/{A}", "/bas:https"), "~");
});

test("what is captured stays one element, whatever letters it has", () => {
  assert.equal(of("/{A}", "/x/{A}", String.raw`/\x61\x2f\x62`), String.raw`/x/\x61\x2f\x62`);
});

test("a capture of nothing, where an element must have something, is neg", () => {
  assert.equal(of("/{A}{B}", "/x/{B}", "/foo"), "~");
});

test("a namer answers with another path, and says what is wrong with its settings", async () => {
  const config = rewrite.schema.parse({ pattern: "/{a}", name: "/#/other/{a}" });
  await using namer = await rewrite.create(config, testContext());
  const state = now(namer.lookup(Path.read("/users/x")));
  assert(state.tag === "ok" && state.value.tag === "leaf" && state.value.value.kind === "path");
  assert.equal(state.value.value.path.show, "/#/other/users");
  const refused = (settings: object, says: RegExp): void =>
    assert.throws(
      () => rewrite.schema.parse(settings),
      (error) => error instanceof SchemaError && says.test(error.message),
    );
  refused({ pattern: "/{a}", name: "/{b}" }, /\{b\} is not in the pattern/);
  refused({ pattern: "{a}", name: "/x" }, /begins with/);
  refused({ pattern: "/{a}", name: "x" }, /is no path/);
  refused({ pattern: "/{a}" }, /`name` is missing/);
});

test("a file must say the prefix, for the kind says nothing of what is rewritten", async () => {
  const text = (prefix: string): string =>
    `namers:\n- kind: io.l5d.rewrite\n${prefix}  pattern: /{a}\n  name: /x/{a}\nrouters:\n- {protocol: http, servers: [{}]}\n`;
  const read = (prefix: string) => parseConfig(text(prefix), { file: "a.yaml", baseDir: "/", builtins });
  await assert.rejects(read(""), (error) => error instanceof ConfigError && /`prefix` is missing/.test(error.message));
  const [namer] = (await read("  prefix: /rw\n")).namers;
  assert.equal(namer?.prefix.show, "/rw");
});
