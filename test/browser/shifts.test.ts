/** The page's shifts in a real Chromium: weights that move while one looks, the way back by keyboard, and what is down. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import type { BrowserContext, Locator, Page } from "playwright-core";
import { startDaemon, type TestDaemon } from "../e2e/daemon.ts";
import { type TempFolder, tempFolder } from "../e2e/temp-folder.ts";
import { CutProxy } from "../fakes/cut-proxy.ts";
import { FakeZooKeeper } from "../fakes/zookeeper.ts";
import { startBackend } from "../load/backend.ts";
import { failed, OpenLoad } from "../load/open-load.ts";
import { waitUntil } from "../load/wait-until.ts";
import { requireServer } from "../servers/require.ts";
import { chromiumPath, openChromium } from "./chromium.ts";

const missing = existsSync(chromiumPath) ? undefined : `${chromiumPath} is not installed`;

interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  readonly section: Locator;
  readonly complaints: readonly string[];
}

async function openPage(context: BrowserContext, url: string): Promise<OpenPage> {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(url);
  await page.getByRole("status").filter({ hasText: "live" }).waitFor();
  return {
    page,
    section: page.getByRole("region", { name: "shifts" }),
    complaints,
    [Symbol.asyncDispose]: () => page.close(),
  };
}

async function order({ adminUrl }: TestDaemon, verb: string, body: object): Promise<void> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${adminUrl}/api/shifts/${verb}`, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
  });
  assert.equal(response.status, 200, await response.text());
}

const plan = {
  path: "/svc/users",
  from: "/#/io.l5d.fs/old",
  to: "/#/io.l5d.fs/new",
  steps: [10, 50, 100],
  bakeMs: 1_500,
  guard: { minRequests: 10, p99Ratio: 100 },
  who: "ada",
  reason: "CHG-7",
};

describe("the shifts of the admin page", { timeout: 120_000 }, () => {
  let folder: TempFolder;
  let context: BrowserContext;
  const open = new AsyncDisposableStack();

  before(async () => {
    if (missing !== undefined) return;
    const [old, next] = [open.use(await startBackend("old")), open.use(await startBackend("new"))];
    folder = open.use(tempFolder({ old: `127.0.0.1 ${old.port}\n`, new: `127.0.0.1 ${next.port}\n` }));
    context = await openChromium(`${folder.path}/profile`);
    open.defer(() => context.close());
  });
  after(() => open.disposeAsync());

  const start = (control: string): Promise<TestDaemon> =>
    startDaemon(
      `
admin: {port: 0}
${control}
namers: [{kind: io.l5d.fs, rootDir: .}]
routers:
- protocol: http
  identifier: {kind: io.l5d.header.token, header: host}
  dtab: /svc/users => /#/io.l5d.fs/old
  servers: [{port: 0}]
`,
      folder.path,
    );

  it("shows a shift that begins, and its weights as they move, and takes it back once that is confirmed", async (t) => {
    if (!requireServer(t, missing)) return;
    using state = tempFolder({});
    await using daemon = await start(`snapshot: {path: ${state.path}/snapshot}`);
    await using load = new OpenLoad({ port: daemon.port, host: "users", perSecond: 100 });
    await waitUntil("the load runs", 10_000, () => load.answers.length > 20);
    await using opened = await openPage(context, daemon.adminUrl);
    const { page, section, complaints } = opened;
    assert.equal(await section.count(), 0, "nothing is shown where there is nothing");
    await order(daemon, "start", plan);
    const shown = section.getByRole("article", { name: "shift users" });
    await shown.getByText("running, step 1 of 3").waitFor();
    assert.match(await shown.innerText(), /start by ada: CHG-7/);
    const ordered = shown.getByRole("row", { name: /^to / }).locator("td:nth-child(3)");
    assert.equal(await ordered.innerText(), "10.00 %");
    await waitUntil("the next step is there", 20_000, async () => (await ordered.innerText()) === "50.00 %");
    await shown.getByText("running, step 2 of 3").waitFor();
    const measured = shown.getByRole("row", { name: /^to / }).locator("td:nth-child(4)");
    await waitUntil("what is measured moves", 10_000, async () => Number.parseFloat(await measured.innerText()) > 20);
    await order(daemon, "pause", { name: "users" });

    // By keyboard alone; Escape leaves it as it is.
    const button = shown.getByRole("button", { name: "roll back" });
    await button.focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "roll users back" });
    await dialog.waitFor();
    assert.match(await dialog.innerText(), /all requests for \/svc\/users go to \/#\/io\.l5d\.fs\/old again/);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    assert.equal(await ordered.innerText(), "50.00 %");
    assert.equal(await page.evaluate("document.activeElement.textContent"), "roll back");
    await page.keyboard.press("Enter");
    await page.keyboard.type("carts are empty");
    await page.keyboard.press("Tab");
    const since = performance.now();
    await page.keyboard.press("Enter");
    await waitUntil("all is back", 2_000, () => load.answers.slice(-20).every(({ body }) => body === "old"));
    t.diagnostic(`back ${Math.round(performance.now() - since)} ms after the key`);
    await shown.getByText("rolled-back").waitFor();
    await waitUntil("the weight is 0", 5_000, async () => (await ordered.innerText()) === "0.00 %");
    assert.match(await shown.innerText(), /rollback by somebody at the admin page: carts are empty/);
    assert.equal(await button.count(), 0);
    await load.stop();
    assert.deepEqual(failed(load.answers), []);
    assert.deepEqual(complaints, []);
  });

  it("takes no order from a page of another site", async (t) => {
    if (!requireServer(t, missing)) return;
    using state = tempFolder({});
    await using daemon = await start(`snapshot: {path: ${state.path}/snapshot}`);
    const [headers, body] = [{ "content-type": "application/json" }, JSON.stringify({ name: "users" })];
    for (const [verb, origin, status] of [
      ["rollback", "http://evil.example", 403],
      ["rollback", new URL(daemon.adminUrl).origin, 409],
      ["ack", new URL(daemon.adminUrl).origin, 403],
    ] as const) {
      const asked = { method: "POST", headers: { ...headers, origin }, body };
      assert.equal((await fetch(`${daemon.adminUrl}/api/shifts/${verb}`, asked)).status, status, `${verb} ${origin}`);
    }
  });

  it("says that there is no store, and of one that is away, why, and goes back all the same", async (t) => {
    if (!requireServer(t, missing)) return;
    await using none = await start("");
    await using first = await openPage(context, none.adminUrl);
    await first.section.getByText("shifts have no place to be kept in: set `control.store`").waitFor();
    assert.deepEqual(first.complaints, []);

    await using zookeeper = await FakeZooKeeper.start();
    await using door = await CutProxy.before(zookeeper.port);
    using state = tempFolder({});
    const store = `{kind: io.l5d.zk, zkAddrs: [{host: 127.0.0.1, port: ${door.port}}], sessionTimeoutMs: 4000}`;
    await using daemon = await start(`snapshot: {path: ${state.path}/snapshot}\ncontrol: {store: ${store}}`);
    await order(daemon, "start", { ...plan, bakeMs: 600_000 });
    await using second = await openPage(context, daemon.adminUrl);
    const { page, section, complaints } = second;
    await section.getByText("running, step 1 of 3").waitFor();
    assert.equal(await section.getByRole("alert").count(), 0);
    await door.cut();
    await section
      .getByRole("alert")
      .filter({ hasText: /the store .* cannot be asked: .* stays in force/ })
      .waitFor();
    await section.getByRole("button", { name: "roll back" }).click();
    await page.getByRole("button", { name: "roll back now" }).click();
    await section.getByText("rolled-back").waitFor();
    await section.getByText("the store does not have the newest change yet").waitFor();
    await door.mend();
    await section
      .getByText("the store does not have the newest change yet")
      .waitFor({ state: "detached", timeout: 20_000 });
    await section.getByRole("alert").waitFor({ state: "detached", timeout: 20_000 });
    assert.deepEqual(complaints, []);
  });
});
