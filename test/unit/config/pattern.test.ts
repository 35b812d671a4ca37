import assert from "node:assert/strict";
import { test } from "node:test";
import { Path } from "../../../src/naming/path.ts";
import { Pattern } from "../../../src/config/pattern.ts";

const matches = (pattern: string, name: string): boolean => Pattern.read(pattern).matches(Path.read(name));

test("a pattern is a prefix, with elements, wildcards and captures", () => {
  const yes: readonly (readonly [string, string])[] = [
    ["/", "/svc/web"],
    ["/svc", "/svc/web"],
    ["/svc/web/", "/svc/web"],
    ["/foo/*/*", "/foo/hi/there"],
    ["/foo/{A}", "/foo/bar/bas"],
    ["/foo/bar/{A}-{B}", "/foo/bar/foo-bar-baz"],
    ["/foo/bar/{A}.{B}.{C}/{D}", "/foo/bar/www.foo.com/80"],
    ["/$/inet/*/80", "/$/inet/10.0.0.1/80"],
    ["/#/io.l5d.fs/{service}", "/#/io.l5d.fs/web"],
  ];
  for (const [pattern, name] of yes) assert.ok(matches(pattern, name), `${pattern} ${name}`);
});

test("what is shorter, or differs, does not match", () => {
  const no: readonly (readonly [string, string])[] = [
    ["/svc/web", "/svc"],
    ["/svc/*", "/svc"],
    ["/foo/{A}:http", "/foo/bar:https"],
    ["/foo/{A}:http", "/foo/bar/bas:http"],
    ["/foo/{A}/bar", "/foo/bar/bad"],
    ["/a.b", "/axb"],
  ];
  for (const [pattern, name] of no) assert.ok(!matches(pattern, name), `${pattern} ${name}`);
});

test("elements are compared as they are shown", () => {
  assert.ok(Pattern.read("/svc/\\x61\\x20").matches(Path.of("svc", "a ")));
});

test("a pattern begins with a slash, and its captures are names", () => {
  assert.throws(() => Pattern.read("foo"), /begins with/);
  assert.throws(() => Pattern.read("/foo/{a-b}"), /not a name/);
});

test("a text is filled with what the captures stand for", () => {
  const fill = (pattern: string, text: string, name: string): string =>
    Pattern.read(pattern).fill(text, Path.read(name));
  assert.equal(fill("/#/fs/{service}", "{service}.example", "/#/fs/web/more"), "web.example");
  assert.equal(fill("/foo/{A}-{B}/*/{C}", "{C}.{B}.{A}.{C}", "/foo/x-y-z/any/w"), "w.z.x-y.w");
  assert.equal(fill("/foo/{A}", "{other}.example", "/foo/bar"), "{other}.example");
  assert.deepEqual(Pattern.read("/a/{x}.{y}/*/{z}").captures, ["x", "y", "z"]);
});
