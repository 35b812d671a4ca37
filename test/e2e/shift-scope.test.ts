/** Shifts of some hosts, and of all names below a prefix, each of which is judged by itself. */
import assert from "node:assert/strict";
import { it } from "node:test";
import type { ShiftsView } from "../../src/bridge/shift-desk.ts";
import type { ShiftStatus } from "../../src/bridge/shift-status.ts";
import { askOnce, OpenLoad } from "../load/open-load.ts";
import { startVersion } from "../load/version.ts";
import { waitUntil } from "../load/wait-until.ts";
import { startDaemon, type TestDaemon } from "./daemon.ts";
import { tempFolder } from "./temp-folder.ts";

const configuration = (host: string): string => `
admin: {port: 0}
control: {host: ${host}, store: {kind: io.l5d.fs, folder: ./shared}}
namers:
- {kind: io.l5d.fs, prefix: /vm, rootDir: ./vm}
- {kind: io.l5d.fs, prefix: /pods, rootDir: ./pods}
routers:
- protocol: http
  identifier: {kind: io.l5d.header.token, header: host}
  dtab: /svc => /#/vm
  servers: [{port: 0}]
`;

async function order({ adminUrl }: TestDaemon, verb: string, body: object): Promise<number> {
  const headers = { "content-type": "application/json" };
  const asked = { method: "POST", headers, body: JSON.stringify(body) };
  return (await fetch(`${adminUrl}/api/shifts/${verb}`, asked)).status;
}

async function statusOn({ adminUrl }: TestDaemon): Promise<ShiftStatus | undefined> {
  return ((await (await fetch(`${adminUrl}/api/shifts`)).json()) as ShiftsView).shifts[0];
}

it("a shift of one host's names below a prefix leaves the other host alone, and goes back for one bad name", async () => {
  await using stack = new AsyncDisposableStack();
  const [old, good, bad] = [await startVersion("old"), await startVersion("good"), await startVersion("bad")];
  for (const each of [old, good, bad]) stack.use(each);
  const folder = stack.use(
    tempFolder({
      "vm/users": `127.0.0.1 ${old.port}\n`,
      "vm/orders": `127.0.0.1 ${old.port}\n`,
      "pods/users": `127.0.0.1 ${good.port}\n`,
      "pods/orders": `127.0.0.1 ${bad.port}\n`,
    }),
  ).path;
  const here = stack.use(await startDaemon(configuration("canary-1"), folder));
  const there = stack.use(await startDaemon(configuration("web-1"), folder));
  const plan = { path: "/svc", from: "/#/vm", to: "/#/pods", steps: [50, 100], bakeMs: 600_000 };
  const scope = { hosts: ["canary-*"] };
  assert.equal(await order(here, "start", { ...plan, scope }), 409, "nobody asks for a name below it yet");
  await using users = new OpenLoad({ port: here.port, host: "users", perSecond: 200 });
  await using orders = new OpenLoad({ port: here.port, host: "orders", perSecond: 20 });
  const share = (load: OpenLoad): number => load.answers.slice(-30).filter(({ body }) => body !== "old").length / 30;
  await waitUntil("both are served", 10_000, () => Math.min(users.answers.length, orders.answers.length) > 10);
  assert.equal(await order(here, "start", { ...plan, scope, guard: { successDelta: 0.2, p99Ratio: 1_000 } }), 200);
  await waitUntil("half of each is there", 10_000, () => share(users) > 0.2 && share(orders) > 0.2);
  const answers = await Promise.all(Array.from({ length: 20 }, () => askOnce({ port: there.port, host: "users" })));
  assert.deepEqual(new Set(answers.map(({ body }) => body)), new Set(["old"]));
  const away = await statusOn(there);
  assert.equal(away?.isHere, false);
  assert.match(away?.notes[0] ?? "", /^this host, web-1, is not in its scope \(host=canary-\*\)/);
  await waitUntil("both names are judged", 5_000, async () =>
    ((await statusOn(here))?.notes ?? []).some((note) => note.startsWith("2 names below /svc are judged together")),
  );
  await waitUntil("it is measured", 10_000, async () => ((await statusOn(here))?.sides.to.requests ?? 0) > 100);
  bad.isBad = true;
  // One in eleven of what goes there: less than may be of the whole, and all of that name.
  await waitUntil("it is back", 10_000, async () => (await statusOn(here))?.stage.state === "rolled-back");
  assert.match((await statusOn(here))?.history.at(-1)?.why ?? "", /^\/svc\/orders on http: /);
  await waitUntil("so it is for the other name", 5_000, () => share(users) === 0 && share(orders) === 0);
});
