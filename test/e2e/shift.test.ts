/** A name goes from one service to another under load: a bad new version comes back by itself, a good one arrives. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { ShiftStatus } from "../../src/bridge/shift-status.ts";
import { builtins } from "../../src/builtins.ts";
import { parseConfig } from "../../src/config/load.ts";
import type { ExplainAnswer, ExplainQuestion } from "../../src/naming/explanation.ts";
import { systemParts } from "../../src/system-parts.ts";
import { linkThreads, type ThreadedDaemon } from "../../src/thread-linker.ts";
import { failed, OpenLoad } from "../load/open-load.ts";
import { startVersion, type Version } from "../load/version.ts";
import { letPass, slowness, waitUntil } from "../load/wait-until.ts";
import type { LogLine } from "./daemon.ts";
import { tempFolder } from "./temp-folder.ts";

const controlAwayMs = process.env["LINKSPAN_TESTS"] === "long" ? 60_000 : 5_000;
/** From a breach until the last request that it may cost. */
const BACK_MS = 2_000;

interface Site extends AsyncDisposable {
  readonly daemon: ThreadedDaemon;
  readonly load: OpenLoad;
  readonly next: Version;
  readonly folder: string;
  logged(event: string): readonly LogLine[];
  ask(verb: string, body: object): Promise<Response>;
  status(): Promise<ShiftStatus>;
  explain(question: ExplainQuestion): Promise<ExplainAnswer>;
}

/** A worker, two versions of a service, and callers who are on the old one. */
async function openSite(): Promise<Site> {
  await using stack = new AsyncDisposableStack();
  const old = stack.use(await startVersion("old"));
  const next = stack.use(await startVersion("new"));
  const folder = stack.use(tempFolder({ old: `127.0.0.1 ${old.port}\n`, new: `127.0.0.1 ${next.port}\n` })).path;
  const state = stack.use(tempFolder({})).path;
  const text = `
admin: {port: 0}
workers: 1
snapshot: {path: ${state}/snapshot}
control: {override: ${state}/override.yaml}
namers: [{kind: io.l5d.fs, rootDir: .}]
routers:
- protocol: http
  identifier: {kind: io.l5d.header.token, header: host}
  dtab: /svc/users => /#/io.l5d.fs/old
  servers: [{port: 0}]
`;
  const config = await parseConfig(text, { file: "test.yaml", baseDir: folder, builtins });
  const log: LogLine[] = [];
  const writeLog = (line: string): void => void log.push(JSON.parse(line) as LogLine);
  const daemon = await linkThreads(config, { ...systemParts(config, writeLog), writeLog });
  stack.defer(() => daemon.close());
  const load = stack.use(new OpenLoad({ port: daemon.servers[0]?.port ?? 0, host: "users", perSecond: 100 }));
  await waitUntil("all are served", 10_000, () => load.answers.length > 50);
  const admin = (): string => `http://127.0.0.1:${daemon.admin?.port ?? 0}`;
  const all = stack.move();
  return {
    daemon,
    load,
    next,
    folder: state,
    logged: (event) => log.filter((line) => line.event === event),
    ask: (verb, body) =>
      fetch(`${admin()}/api/shifts/${verb}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ who: "ada", reason: "a test", ...body }),
      }),
    status: async () => {
      const view = (await (await fetch(`${admin()}/api/shifts`)).json()) as { shifts: ShiftStatus[] };
      return view.shifts[0] as ShiftStatus;
    },
    explain: async (question) => {
      const headers = { "content-type": "application/json" };
      const asked = { method: "POST", headers, body: JSON.stringify(question) };
      return (await (await fetch(`${admin()}/api/explain`, asked)).json()) as ExplainAnswer;
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** Whatever is sent later than `withinMs` from now is answered by that version; answers may take their time. */
async function settled(load: OpenLoad, body: string, withinMs: number): Promise<void> {
  const since = performance.now() + withinMs * slowness;
  await waitUntil("enough was sent since", 20_000, () => load.after(since).length >= 40);
  assert.deepEqual(new Set(load.after(since).map((answer) => answer.body)), new Set([body]));
}

const isNew = ({ body }: { readonly body: string }): boolean => body === "new";

const plan = {
  path: "/svc/users",
  from: "/#/io.l5d.fs/old",
  to: "/#/io.l5d.fs/new",
  steps: [1, 10, 50, 100],
  bakeMs: 1_000,
  guard: { minRequests: 10, p99Ratio: 100 },
};

describe("a shift under load", { timeout: controlAwayMs + 120_000 }, () => {
  it("is rolled back by itself when the new version is bad, and at the cost of its weight only", async (t) => {
    await using site = await openSite();
    const { load, next, logged } = site;
    assert.equal((await site.ask("start", plan)).status, 200);
    await waitUntil("a tenth is there", 60_000, () =>
      logged("shift.changed").some((line) => line["after"] === "running 90/10"),
    );
    const from = load.answers.length;
    next.isBad = true;
    const since = performance.now();
    await waitUntil("it is back", 10_000, () => logged("shift.reverted").length === 1);
    const toBreachMs = performance.now() - since;
    await settled(load, "old", BACK_MS);
    const lost = failed(load.answers.slice(from));
    // Five failures are a breach.
    const breachAt = lost.map(({ sentAt, tookMs }) => sentAt + tookMs).toSorted((a, b) => a - b)[4] ?? since;
    const last = Math.max(...lost.map(({ sentAt }) => sentAt));
    const meanwhile = load.answers.slice(from).filter(({ sentAt }) => sentAt <= last).length;
    t.diagnostic(
      `back after ${Math.round(toBreachMs)} ms, the last one went there ${Math.round(last - breachAt)} ms after the breach; ` +
        `${lost.length} of ${meanwhile} requests saw it`,
    );
    assert.ok(last - breachAt < BACK_MS * slowness, `${last - breachAt} ms`);
    // A tenth of what was sent meanwhile, four standard deviations of what chance draws, and the breach itself.
    const expected = 0.1 * meanwhile;
    assert.ok(lost.length <= expected + 4 * Math.sqrt(expected) + 5, `${lost.length} of ${expected}`);
    const status = await site.status();
    assert.deepEqual(status.stage, { state: "rolled-back", step: 1, acknowledged: false });
    assert.match(status.history.at(-1)?.why ?? "", /requests to `to` succeeded/);
    assert.equal((await site.ask("start", plan)).status, 409, "it is frozen until it is acknowledged");
    assert.equal((await site.ask("ack", { name: "users" })).status, 200);
    assert.equal((await site.ask("start", plan)).status, 200);
    await load.stop();
  });

  it("arrives at 100 % without a failed request though the control thread is away in the middle", async () => {
    await using site = await openSite();
    const { daemon, load, logged } = site;
    assert.equal((await site.ask("start", plan)).status, 200);
    await waitUntil("half is there", 90_000, () =>
      logged("shift.changed").some((line) => line["after"] === "running 50/50"),
    );
    await waitUntil("the worker knows", 2_000, () => load.answers.slice(-40).filter(isNew).length > 10);
    await daemon.supervisor.terminate("control", controlAwayMs);
    const from = load.answers.length;
    await letPass(controlAwayMs);
    const meanwhile = load.answers.slice(from).filter(isNew).length / (load.answers.length - from);
    assert.ok(meanwhile > 0.4 && meanwhile < 0.6, `the weights stay: ${meanwhile}`);
    await waitUntil("it is done", 60_000, () => logged("shift.changed").some((line) => line["change"] === "finish"));
    const at = load.answers.length;
    await letPass(500);
    await load.stop();
    assert.deepEqual(failed(load.answers), []);
    assert.deepEqual(new Set(load.answers.slice(at + 20).map(({ body }) => body)), new Set(["new"]));
    assert.deepEqual(logged("bug"), []);
  });

  it("obeys an order to go back, and the override file above all", async () => {
    await using site = await openSite();
    const { load } = site;
    assert.equal((await site.ask("start", { ...plan, steps: [50, 100], bakeMs: 600_000 })).status, 200);
    const isHalf = (): boolean => {
      const share = load.answers.slice(-40).filter(isNew).length / 40;
      return share > 0.2 && share < 0.8;
    };
    await waitUntil("half is there", 5_000, isHalf);
    for (const whatIf of [{}, { dtab: "/svc => /#/io.l5d.fs/gone" }]) {
      const { chosen, rules } = await site.explain({ name: "/svc/users", ...whatIf });
      assert.deepEqual(
        chosen.map(({ id, share }) => [id, share]),
        [
          ["/#/io.l5d.fs/old", 0.5],
          ["/#/io.l5d.fs/new", 0.5],
        ],
      );
      assert.equal(rules[0]?.place, "shift users 50 %");
    }
    await writeFile(join(site.folder, "override.yaml"), "users: {from: 0, to: 1}\n");
    await waitUntil("the file is read", 10_000, () => site.logged("override.read").length > 0);
    await settled(load, "new", BACK_MS);
    assert.deepEqual((await site.status()).override, { from: 0, to: 1 });
    await writeFile(join(site.folder, "override.yaml"), "users: [\n");
    await letPass(700);
    await settled(load, "new", 0);
    await writeFile(join(site.folder, "override.yaml"), "");
    await waitUntil("the order is obeyed again", 10_000, isHalf);
    assert.equal((await site.ask("rollback", { name: "/svc/users" })).status, 200);
    await settled(load, "old", BACK_MS);
    await load.stop();
    assert.deepEqual(failed(load.answers), []);
    assert.equal((await site.status()).stage.state, "rolled-back");
  });
});
