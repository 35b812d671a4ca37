import assert from "node:assert/strict";
import { test } from "node:test";
import { Secret } from "../../../src/base/secret.ts";
import { describe, meaningOf, meansTheSame } from "../../../src/config/meaning.ts";
import { Path } from "../../../src/naming/path.ts";

test("the order of keys and what is undefined make no difference", () => {
  assert.equal(meansTheSame({ a: 1, b: [{ c: 2, d: undefined }] }, { b: [{ c: 2 }], a: 1 }), true);
  assert.equal(meansTheSame([1, 2], [2, 1]), false);
  assert.equal(meansTheSame({ a: Infinity }, { a: null }), false);
});

test("paths mean what they show, and a plugin is told by its kind", () => {
  assert.equal(meansTheSame({ p: Path.read("/a/b") }, { p: Path.of("a", "b") }), true);
  const use = (kind: string, plugin: object): object => ({ kind, plugin, config: {} });
  assert.equal(meansTheSame(use("a", { create: () => 1 }), use("a", { create: () => 2 })), true);
  assert.equal(meansTheSame(use("a", {}), use("b", {})), false);
});

test("secrets are compared and never written", () => {
  const of = (text: string): object => ({ token: new Secret(text) });
  assert.equal(meansTheSame(of("one"), of("one")), true);
  assert.equal(meansTheSame(of("one"), of("two")), false);
  assert.doesNotMatch(meaningOf(of("hunter2")) ?? "", /hunter2/);
  assert.equal(JSON.stringify(describe(of("hunter2"))), '{"token":"***"}');
  assert.equal(JSON.stringify(describe({ password: "hunter2" })), '{"password":"***"}');
});

test("an object of a plugin's own class means nothing that could be compared", () => {
  class Own {
    readonly #secret = 1;
    get secret(): number {
      return this.#secret;
    }
  }
  const own = { own: new Own() };
  assert.equal(meaningOf(own), undefined);
  assert.equal(meansTheSame(own, own), false);
});
