import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { TokenSource } from "../../../../namers/consul/token-source.ts";
import { Secret } from "../../../../src/base/secret.ts";
import { FakeClock } from "../../../../src/testing/fake-clock.ts";
import { tempFolder } from "../../../e2e/temp-folder.ts";

const revealed = async (source: TokenSource): Promise<string | undefined> => (await source.current())?.reveal();

test("a token that was given is the token, and none is none", async () => {
  assert.equal(await revealed(new TokenSource(new Secret("t"), undefined, new FakeClock())), "t");
  assert.equal(await revealed(new TokenSource(undefined, undefined, new FakeClock())), undefined);
});

test("a file is read anew when it has changed, looked at once a second", async () => {
  using folder = tempFolder({ token: " one\n" });
  const clock = new FakeClock();
  const source = new TokenSource(undefined, join(folder.path, "token"), clock);
  assert.equal(await revealed(source), "one");
  folder.write("token", "other");
  clock.advance(999);
  assert.equal(await revealed(source), "one");
  clock.advance(1);
  assert.equal(await revealed(source), "other");
});

test("a file that is gone or empty for a moment takes no token away, and is looked at again at once", async () => {
  using folder = tempFolder({ token: "one" });
  const clock = new FakeClock();
  const source = new TokenSource(undefined, join(folder.path, "token"), clock);
  await source.current();
  clock.advance(1_000);
  folder.write("token", "");
  assert.equal(await revealed(source), "one");
  rmSync(join(folder.path, "token"));
  assert.equal(await revealed(source), "one");
  folder.write("token", "three");
  assert.equal(await revealed(source), "three");
});

test("without any token yet, a file that cannot be read is a failure that names it", async () => {
  const source = new TokenSource(undefined, "/nowhere/token", new FakeClock());
  await assert.rejects(source.current(), /the token file \/nowhere\/token cannot be read: ENOENT/);
});
