import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { cli } from "./fake-terminal.ts";

const answer = {
  at: 1,
  routers: [
    {
      label: "http",
      routes: [{ name: "/svc/users", state: "ok", clusters: ["/#/zk/users"], requests: 12, failures: 1 }],
      clusters: [{ id: "/#/zk/users", endpoints: [{ status: "open" }, { status: "busy" }] }],
    },
  ],
  namers: [
    { prefix: "/zk", kind: "io.l5d.curator", watches: [{ name: "users", state: "stale", endpoints: 2, cause: "cut" }] },
  ],
};

async function withAdmin<T>(
  status: number,
  body: string,
  use: (url: string, asked: readonly string[]) => Promise<T>,
): Promise<T> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(request.url?.startsWith("/admin/names?") === true ? status : 404).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

test("names shows routes with their open endpoints, and watches with their state", async () => {
  await withAdmin(200, JSON.stringify(answer), async (url) => {
    const { code, out } = await cli(["names", "--admin", url]);
    assert.equal(code, 0);
    assert.match(out, /http +\/svc\/users +ok +1\/2 +12 +1\n/);
    assert.match(out, /\/zk +users +stale +2 +cut\n/);
  });
});

test("names asks for what it is told to show, and says what is left out", async () => {
  const cut = { ...answer, at: 5_000, left: 7 };
  const held = { name: "/users", state: "held", endpoints: 3, held: { since: 0, until: 29_000, lost: 2 } };
  const body = JSON.stringify({ ...cut, namers: [{ prefix: "/zk", kind: "k", watches: [held] }] });
  await withAdmin(200, body, async (url, asked) => {
    const { out } = await cli(["names", "--admin", url, "--held", "--stale", "--search", "us ers", "--limit", "5"]);
    assert.deepEqual(asked, ["/admin/names?limit=5&search=us+ers&state=held%2Cstale"]);
    assert.match(out, /7 more/);
    assert.match(out, /\/zk +\/users +held +3 +2 lost, held for 24 s\n/);
    await cli(["names", "--admin", url]);
    assert.equal(asked[1], "/admin/names?limit=1000");
  });
  assert.equal((await cli(["names", "--limit", "many"])).code, 2);
});

test("names --json is what the admin port says", async () => {
  await withAdmin(200, JSON.stringify(answer), async (url) => {
    assert.deepEqual(JSON.parse((await cli(["names", "--json", "--admin", url])).out), answer);
  });
});

test("a daemon that is not there, or not one, exits 3", async () => {
  const gone = await withAdmin(200, "", (url) => Promise.resolve(url));
  const { code, err } = await cli(["names", "--admin", gone]);
  assert.equal(code, 3);
  assert.match(err, /ECONNREFUSED/);
  await withAdmin(500, "x", async (url) => {
    assert.equal((await cli(["names", "--admin", url])).code, 3);
  });
  await withAdmin(200, "<html>", async (url) => {
    assert.equal((await cli(["names", "--admin", url])).code, 3);
  });
});

test("an address that is none is a usage error", async () => {
  assert.equal((await cli(["names", "--admin", "http://:x"])).code, 2);
});
