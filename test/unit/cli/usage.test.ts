import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import type { DecommissionPlan, Usage } from "../../../src/bridge/decommission.ts";
import { cli } from "./fake-terminal.ts";

const DAY = 86_400_000;
const at = Date.UTC(2030, 0, 31);

const used: Usage = {
  source: "/#/zk",
  kind: "io.l5d.curator",
  at,
  since: at - 30 * DAY,
  countedSince: at - DAY,
  names: [
    {
      id: "/#/zk/users",
      boundAt: at,
      requestAt: at,
      requests: 12,
      callers: [{ router: "http", name: "/svc/users", at }],
      others: 2,
      hosts: [
        { address: "10.0.4.7", certificate: "spiffe://shop/web", at },
        { address: "10.0.4.8", at },
      ],
      otherHosts: 5,
    },
  ],
  left: 0,
  reading: ["users-to-k8s"],
  writing: [],
  others: { clients: [{ address: "10.0.4.7:5", watches: 2, example: "/services/users/i1" }], unknown: [] },
};
const unused: Usage = { ...used, names: [], reading: [], countedSince: 0, others: { clients: [], unknown: [] } };

async function adminThatSays(
  stack: AsyncDisposableStack,
  body: object,
  status = 200,
): Promise<readonly [string, string[]]> {
  const asked: string[] = [];
  const server = createServer(({ url = "" }, response) => {
    asked.push(url);
    response.writeHead(status).end(JSON.stringify(body));
  }).listen(0, "127.0.0.1");
  stack.defer(() => void server.close().closeAllConnections());
  await once(server, "listening");
  return [`http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked];
}

test("usage tells names, their callers, mirrors and other clients, and since when it was counted", async () => {
  await using stack = new AsyncDisposableStack();
  const [url, asked] = await adminThatSays(stack, used);
  const { code, out } = await cli(["usage", "--source", "zk", "--since", "7d", "--admin", url]);
  assert.equal(code, 1);
  assert.deepEqual(asked, [`/api/usage?source=zk&sinceMs=${7 * DAY}`]);
  assert.match(
    out,
    /\/#\/zk\/users +12 +2030-01-31 00:00 +http \/svc\/users, 2 more +10\.0\.4\.7 \(spiffe:\/\/shop\/web\), 10\.0\.4\.8, 5 more\n/,
  );
  assert.match(out, /Counted since 2030-01-30 00:00 only\.\nThe mirror users-to-k8s reads it\.\n/);
  assert.match(out, /10\.0\.4\.7:5 watches 2 nodes, such as \/services\/users\/i1\./);
});

test("usage of a registry that nobody uses says so, and exits with 0", async () => {
  await using stack = new AsyncDisposableStack();
  const [url] = await adminThatSays(stack, unused);
  const { code, out } = await cli(["usage", "--source", "zk", "--admin", url]);
  assert.deepEqual([code, out], [0, "No name of /#/zk was used since 2030-01-01 00:00.\n"]);
});

test("a plan is a list of what is in the way, and empty when nothing is", async () => {
  await using stack = new AsyncDisposableStack();
  const plan: DecommissionPlan = {
    source: "/#/zk",
    at,
    since: 0,
    blocks: [{ kind: "only", name: "/svc/users", about: "x" }],
  };
  const [url] = await adminThatSays(stack, plan);
  const blocked = await cli(["decommission", "plan", "zk", "--admin", url]);
  assert.equal(blocked.code, 1);
  assert.match(blocked.out, /only +\/svc\/users +x\n\nNext, only: shift it/);
  const [free] = await adminThatSays(stack, { ...plan, blocks: [] });
  assert.equal((await cli(["decommission", "plan", "zk", "--admin", free])).code, 0);
});

test("a source that the router does not know is a mistake that names those that there are", async () => {
  await using stack = new AsyncDisposableStack();
  const [url] = await adminThatSays(stack, { error: "there is no source zj", sources: ["zk", "k8s"] }, 404);
  const { code, err } = await cli(["usage", "--source", "zj", "--admin", url]);
  assert.equal(code, 2);
  assert.match(err, /there is no source zj; there are zk, k8s/);
  assert.equal((await cli(["usage"])).code, 2);
  assert.equal((await cli(["decommission", "drop", "zk"])).code, 2);
});
