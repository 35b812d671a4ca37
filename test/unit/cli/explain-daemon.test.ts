/** Tests of what a running router is asked by `explain`, and of what becomes of its answer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ExplainAnswer } from "../../../src/naming/explanation.ts";
import type { Roots } from "../../../src/cli/roots.ts";
import { fakeAdmin } from "./fake-admin.ts";
import { cli } from "./fake-terminal.ts";

const answer: ExplainAnswer = {
  path: "/svc/users",
  verdict: "bound",
  message: "It binds to 1 address.",
  state: "ok",
  steps: 1,
  chosen: [],
  services: {},
  rules: [
    { text: "/svc => /#/io.l5d.fs", source: "router", line: 1, place: "running.yaml:5" },
    { text: "/svc => /#/io.l5d.fs", source: "given", line: 1 },
    { text: "/svc/two => /svc/users", source: "given", line: 2 },
  ],
  root: { kind: "neg", path: "/svc/users", taken: true },
  at: 0,
  router: "web",
};

const file = `namers:
- {kind: io.l5d.fs, rootDir: ./x}
routers:
- protocol: http
  label: other
  dtab: /svc => /#/io.l5d.fs/other ;
  servers: [{port: 4140}]
- protocol: http
  label: web
  dtab: |
    /svc => /#/io.l5d.fs ;
    /svc/two => /svc/users ;
  servers: [{port: 4141}]
`;

/** What `explain` with these flags asks a router that answers so. */
async function explained(
  argv: readonly string[],
  { body = answer, status = 200, over = {} }: { body?: object; status?: number; over?: Partial<Roots> } = {},
) {
  await using admin = await fakeAdmin(body, status);
  const ran = await cli(["explain", "--admin", admin.url, ...argv], over, { input: file });
  const [first = "", ...more] = admin.asked;
  assert.deepEqual(more, []);
  const place = "POST /api/explain ";
  assert.ok(first.startsWith(place), first);
  return { ...ran, asked: JSON.parse(first.slice(place.length)) as unknown };
}

test("a router is asked about a name, with what is said beside it and nothing more", async () => {
  assert.deepEqual((await explained(["users"])).asked, { name: "users", timeoutMs: 5_000 });
  const more = ["--router", "web", "-d", "/svc/a => /svc/b", "--timeout", "1s"];
  assert.deepEqual((await explained(["/svc/a", ...more])).asked, {
    router: "web",
    name: "/svc/a",
    local: "/svc/a => /svc/b",
    timeoutMs: 1_000,
  });
});

test("a router is asked about a request as it was written, a header field a line", async () => {
  const { asked } = await explained(["--request", "GET http://users/x", "-H", "l5d-x: 1"]);
  assert.deepEqual(asked, { request: "GET http://users/x\nl5d-x: 1", timeoutMs: 5_000 });
});

test("what the router refuses is a usage error with its words, or else its status", async () => {
  const refused = await explained(["users"], { body: { error: "there is no router htpt" }, status: 400 });
  assert.equal(refused.code, 2);
  assert.match(refused.err, /there is no router htpt/);
  const silent = await explained(["users"], { body: {}, status: 404 });
  assert.equal(silent.code, 2);
  assert.match(silent.err, /the router answered 404/);
});

test("with another file, its dtab is sent for the router of that label, and rules of it have their places there", async () => {
  const { asked, out } = await explained(["--with", "-", "--router", "web", "-d", "/a => /b", "users", "--json"]);
  assert.deepEqual(asked, {
    router: "web",
    name: "/svc/users",
    dtab: "/svc=>/#/io.l5d.fs;\n/svc/two=>/svc/users",
    local: "/a => /b",
    timeoutMs: 5_000,
  });
  const { rules, request } = JSON.parse(out) as ExplainAnswer;
  assert.deepEqual(
    rules.map(({ place }) => place),
    ["running.yaml:5", "-:11", "-:12"],
  );
  assert.equal(request, undefined);
});

test("with another file, a request is named by its identifiers, which the answer tells", async () => {
  const named = { kind: "named", identifier: "io.l5d.path", path: "/svc/two", local: "/c => /d" } as const;
  const identify: Roots["identify"] = () => Promise.resolve(named);
  const argv = ["--with", "-", "--request", "GET http://x/two", "--json"];
  const { asked, out } = await explained(argv, { over: { identify } });
  const { name, router, request, local } = asked as Readonly<Record<string, string>>;
  assert.deepEqual([name, router, request], ["/svc/two", "other", undefined]);
  assert.match(local ?? "", /\/c ?=> ?\/d/);
  assert.deepEqual((JSON.parse(out) as ExplainAnswer).request, named);
});
