import assert from "node:assert/strict";
import { test } from "node:test";
import { tempFolder } from "../../e2e/temp-folder.ts";
import { fakeAdmin } from "./fake-admin.ts";
import { cli, type Ran } from "./fake-terminal.ts";

async function asking(argv: readonly string[], status: number, answer: object): Promise<Ran & { asked: string }> {
  await using admin = await fakeAdmin(answer, status);
  return { ...(await cli([...argv, "--admin", admin.url])), asked: admin.asked.join() };
}

const dtab = {
  kind: "dtab",
  name: "web",
  change: "changed",
  keys: [{ key: "line", before: "/a=>/b" }],
  needsRestart: false,
};
const settings = {
  kind: "settings",
  name: "workers",
  change: "changed",
  keys: [{ key: "", after: 2 }],
  needsRestart: true,
};
const applied = { result: "applied", revision: 3, ms: 7, changes: [dtab], problems: [], needsRestart: [] };

test("reload says what was taken up, and what was not", async () => {
  const { code, out, asked } = await asking(["reload"], 200, applied);
  assert.deepEqual([code, asked], [0, "POST /admin/reload"]);
  assert.equal(out, "~ dtab web\n    - /a=>/b\nRevision 3, in 7 ms.\n");
  const many = { ...dtab, keys: Array.from({ length: 22 }, () => dtab.keys[0]), more: 1_900 };
  assert.match((await asking(["reload"], 200, { ...applied, changes: [many] })).out, /\n {4}... and 1902 more\n/);
  const waiting = await asking(["reload"], 200, { ...applied, needsRestart: ["workers"] });
  assert.match(waiting.err, /Not taken up: workers.\nNext: linkspan run --take-over FILE/);
  const same = await asking(["reload"], 200, { ...applied, result: "unchanged", changes: [] });
  assert.deepEqual([same.code, same.out], [0, "The file means what runs (revision 3).\n"]);
});

test("reload tells mistakes as check does and exits 78, and 1 where something could not be opened", async () => {
  const problem = { file: "a.yaml", line: 2, column: 3, length: 4, severity: "error", message: "no", text: "  abcd" };
  const bad = await asking(["reload"], 422, { ...applied, result: "refused", problems: [problem] });
  assert.equal(bad.code, 78);
  assert.match(bad.err, /a.yaml:2:3: error: no\n.*abcd\n.*\^\^\^\^\n[^]*Nothing was changed/);
  const busy = await asking(["reload"], 422, { ...applied, result: "refused", cause: "127.0.0.1:1 is in use" });
  assert.equal(busy.code, 1);
  assert.match(busy.err, /nothing was changed: 127.0.0.1:1 is in use/);
});

test("reload exits 3 where the router has no file, and where there is none", async () => {
  assert.equal((await asking(["reload"], 409, { error: "started from a text" })).code, 3);
  assert.equal((await cli(["reload", "--admin", "http://127.0.0.1:1"])).code, 3);
});

test("diff sends the text, and exits 1 where something would change", async () => {
  using folder = tempFolder({ "new.yaml": "routers: x" });
  const file = `${folder.path}/new.yaml`;
  const report = { ok: true, changes: [dtab, settings], problems: [], needsRestart: ["workers"] };
  const { code, out, asked } = await asking(["diff", file], 200, report);
  assert.equal(code, 1);
  assert.equal(out, "~ dtab web\n    - /a=>/b\n~ workers (needs a restart)\n    (not said) -> 2\n");
  assert.equal(asked, `POST /admin/diff ${JSON.stringify({ file, text: "routers: x" })}`);
  const none = await asking(["diff", file], 200, { ...report, changes: [] });
  assert.deepEqual([none.code, none.out], [0, "Nothing would change.\n"]);
  assert.equal((await asking(["diff", file], 422, { ...report, ok: false, cause: "no" })).code, 78);
  assert.equal((await cli(["diff", "absent.yaml"])).code, 78);
});

test("two files are compared without a router", async () => {
  using folder = tempFolder({
    "a.yaml": "routers: [{protocol: http, dtab: /a=>/b, servers: [{port: 1}]}]",
    "b.yaml": "routers: [{protocol: http, dtab: /a=>/c, servers: [{port: 1}]}]",
  });
  const [a, b] = [`${folder.path}/a.yaml`, `${folder.path}/b.yaml`];
  assert.equal((await cli(["diff", a, a])).code, 0);
  const { code, out } = await cli(["diff", a, b, "--json"]);
  assert.deepEqual([code, (JSON.parse(out) as { changes: object[] }).changes.length], [1, 1]);
  assert.equal((await cli(["diff", a, b, "--admin", "http://127.0.0.1:1"])).code, 2);
});
