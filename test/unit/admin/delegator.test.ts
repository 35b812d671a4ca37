/** Linkerd 1's delegator: what it refuses, and how long it waits. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { delegatorRoutes } from "../../../src/admin/delegator.ts";
import { delegatorTree, TreeTooLarge } from "../../../src/admin/delegator-tree.ts";
import { Questions } from "../../../src/admin/questions.ts";
import { AdminServer } from "../../../src/admin/server.ts";
import { Dtab } from "../../../src/naming/dtab.ts";
import type { Interpreter } from "../../../src/naming/interpreter.ts";
import { Path } from "../../../src/naming/path.ts";
import { eventually, FakeClock } from "../../../src/testing/index.ts";
import { DialNamer, explainNow, interpreter } from "../../fakes/naming-fixture.ts";

describe("the delegator", () => {
  const clock = new FakeClock();
  const namer = new DialNamer();
  const alone: Interpreter = interpreter("", [{ prefix: Path.of("n"), namer }]);
  const bugs: unknown[] = [];
  let asked = 0;
  const source = {
    routers: () => [],
    interpreterFor: () => alone,
    namersAlone: () => {
      asked++;
      return alone;
    },
    identify: () => Promise.resolve(undefined),
    overlay: () => Dtab.empty,
  };
  const server = new AdminServer(
    { routes: delegatorRoutes(source, clock, new Questions()), allows: () => true },
    (error) => bugs.push(error),
  );
  let url = "";
  before(async () => {
    url = `http://127.0.0.1:${await server.listen({ host: "127.0.0.1", port: 0 })}/delegator.json`;
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    assert.deepEqual(bugs, []);
  });

  const post = (body: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
    fetch(url, { method: "POST", body, headers: { "content-type": "application/json", ...headers } });

  it("answers 503 when a namer has not answered within two seconds", async () => {
    const answer = fetch(`${url}?dtab=${encodeURIComponent("/svc => /#/n")}&path=/svc/slow`);
    await eventually("it is asked", () => asked > 0 && namer.dial("slow").observed);
    clock.advance(1_999);
    assert.equal(namer.dial("slow").observed, true);
    clock.advance(1);
    const response = await answer;
    assert.deepEqual([response.status, await response.text()], [503, "Request timed out."]);
    assert.equal(namer.dial("slow").observed, false);
  });

  it("takes a question from a page of its own, and from no other site", async () => {
    const body = JSON.stringify({ dtab: "", path: "/svc/x" });
    assert.equal((await post(body, { origin: new URL(url).origin })).status, 200);
    assert.equal((await post(body, { origin: "http://elsewhere.example" })).status, 403);
    assert.equal((await fetch(url, { method: "PUT", body })).status, 405);
  });

  it("refuses a body that is too large, and one that is no question", async () => {
    assert.equal((await post(JSON.stringify({ dtab: " ".repeat(3_000_000), path: "/x" }))).status, 413);
    for (const body of ["", "[]", "null", '{"dtab": 1, "path": "/x"}', '{"dtab": ""}']) {
      const response = await post(body);
      assert.deepEqual([response.status, await response.text()], [400, `Malformed delegation request: ${body}`]);
    }
  });
});

it("a tree that repeats a long rule too often is not said", () => {
  const many = Array.from({ length: 2_000 }, (_, at) => `/none/of/these/there/is/${at}`).join(" | ");
  const { root } = explainNow(`/a => ${many}`, "/a");
  assert.throws(() => delegatorTree(root), TreeTooLarge);
});
