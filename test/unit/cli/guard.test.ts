import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "../../../src/base/time.ts";
import { fakeAdmin } from "./fake-admin.ts";
import { cli, type Ran } from "./fake-terminal.ts";

interface Answer {
  readonly status: number;
  readonly body: string;
}

async function asking(
  argv: readonly string[],
  { status, body }: Answer,
): Promise<Ran & { readonly asked: readonly string[] }> {
  await using admin = await fakeAdmin(body, status);
  const clock: Clock = { now: () => 0, wall: () => 100_000, timer: () => ({ [Symbol.dispose]: () => undefined }) };
  return { ...(await cli([...argv, "--admin", admin.url], { clock })), asked: admin.asked };
}

const held = { held: [{ name: "/#/zk/users", since: 90_000, until: 120_000, lost: 3 }] };

test("guard list shows what is held, since when and for how long still", async () => {
  const { code, out, asked } = await asking(["guard", "list"], { status: 200, body: JSON.stringify(held) });
  assert.deepEqual([code, asked], [0, ["GET /admin/guard"]]);
  assert.match(out, /\/#\/zk\/users +3 +10 s +20 s\n/);
  assert.match(out, /Next: linkspan guard release \/#\/zk\/users\n/);
  const none = await asking(["guard", "list"], { status: 200, body: '{"held":[]}' });
  assert.deepEqual([none.code, none.out], [0, "Nothing is held.\n"]);
});

test("guard list --json is what the admin port says", async () => {
  const { out } = await asking(["guard", "list", "--json"], { status: 200, body: JSON.stringify(held) });
  assert.deepEqual(JSON.parse(out), held);
});

test("guard release gives the order and says what was released", async () => {
  const body = '{"released":["/#/zk/users"]}';
  const { code, out, asked } = await asking(["guard", "release", "/svc/users"], { status: 200, body });
  assert.deepEqual([code, out], [0, "released /#/zk/users\n"]);
  assert.deepEqual(asked, ["POST /admin/guard/release?name=%2Fsvc%2Fusers"]);
  assert.equal((await asking(["guard", "release", "/svc/users", "--json"], { status: 200, body })).out, body);
});

test("guard release exits 1 where nothing is held, and 2 where that is no name", async () => {
  const nothing = await asking(["guard", "release", "/a"], { status: 404, body: '{"error":"nothing is held of /a"}' });
  assert.equal(nothing.code, 1);
  assert.match(nothing.err, /nothing is held of \/a\nNext: linkspan guard list/);
  assert.equal((await asking(["guard", "release", "/["], { status: 400, body: '{"error":"no name"}' })).code, 2);
});

test("guard exits 3 where the daemon is not there, or takes no orders from here", async () => {
  assert.equal((await cli(["guard", "list", "--admin", "127.0.0.1:1"])).code, 3);
  const { code, err } = await asking(["guard", "release", "/a"], { status: 403, body: "from this host only\n" });
  assert.equal(code, 3);
  assert.match(err, /403/);
});

test("a command that is none, or lacks its name, is a usage error", async () => {
  for (const argv of [
    ["guard"],
    ["guard", "relese", "/a"],
    ["guard", "release"],
    ["guard", "list", "/a"],
    ["guard", "release", "a"],
  ]) {
    assert.equal((await cli(argv)).code, 2, argv.join(" "));
  }
  assert.match((await cli(["guard", "relese"])).err, /did you mean release\?/);
});
