/** The dtab playground in a real Chromium: by keyboard alone, with two thousand lines, with a mistake, with a held name. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import type { BrowserContext, Locator, Page } from "playwright-core";
import { startDaemon, type TestDaemon } from "../e2e/daemon.ts";
import { type TempFolder, tempFolder } from "../e2e/temp-folder.ts";
import { curatorJson } from "../fakes/curator-fixture.ts";
import { FakeZooKeeper } from "../fakes/zookeeper.ts";
import { startBackend } from "../load/backend.ts";
import { askOnce } from "../load/open-load.ts";
import { waitUntil } from "../load/wait-until.ts";
import { requireServer } from "../servers/require.ts";
import { chromiumPath, openChromium } from "./chromium.ts";

const missing = existsSync(chromiumPath) ? undefined : `${chromiumPath} is not installed`;

const LINES = 2_000;

interface OpenPlayground extends AsyncDisposable {
  readonly page: Page;
  readonly complaints: readonly string[];
  verdict(): Promise<string>;
  /** What has the focus, as its text. */
  focused(): Promise<string>;
}

async function openPlayground(context: BrowserContext, url: string): Promise<OpenPlayground> {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    // A name that cannot be read is an answer of 400, which Chromium notes down.
    if (message.type() === "error" && !message.text().includes("status of 400")) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(url);
  await page.getByLabel("router").waitFor();
  return {
    page,
    complaints,
    verdict: () => page.getByRole("status").innerText(),
    focused: () => page.evaluate("document.activeElement.textContent.trim()") as Promise<string>,
    [Symbol.asyncDispose]: () => page.close(),
  };
}

/** In one piece, as a paste does it: typed line by line Chromium takes a quarter of a minute, in an empty page too. */
function replaceText(area: Locator, text: string): Promise<void> {
  return area.evaluate((element, value) => {
    const field = element as { value: string; dispatchEvent(event: Event): boolean };
    Reflect.set(Reflect.getPrototypeOf(element) as object, "value", value, field);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }, text);
}

describe("the dtab playground", { timeout: 120_000 }, () => {
  let folder: TempFolder;
  let daemon: TestDaemon;
  let context: BrowserContext;
  let zookeeper: FakeZooKeeper;
  const open = new AsyncDisposableStack();

  before(async () => {
    if (missing !== undefined) return;
    folder = open.use(tempFolder());
    folder.write("disco/users", "127.0.0.1 8080\n127.0.0.1 8081\n");
    folder.write("disco/orders", "127.0.0.1 8082\n");
    const backend = open.use(await startBackend("held"));
    zookeeper = open.use(await FakeZooKeeper.start());
    zookeeper.set("/services/held/i-1", curatorJson("held", { id: "i-1", host: "127.0.0.1", port: backend.port }));
    const rules = Array.from({ length: LINES }, (_, at) => `    /svc/n${at} => /#/io.l5d.fs/users ;`).join("\n");
    daemon = open.use(
      await startDaemon(
        `
admin: {port: 0}
guard: {hold: 60s}
namers:
- {kind: io.l5d.fs, rootDir: ./disco}
- {kind: io.l5d.curator, prefix: /zk, zkAddrs: "${zookeeper.connectString}", basePath: /services}
routers:
- protocol: http
  label: small
  dtab: /svc => /#/zk | /#/io.l5d.fs
  servers: [{port: 0}]
- protocol: http
  label: large
  dtab: |
${rules}
  servers: [{port: 0}]
`,
        folder.path,
      ),
    );
    context = await openChromium(`${folder.path}/profile`);
    open.defer(() => context.close());
  });
  after(() => open.disposeAsync());

  it("explains a name by keyboard alone: what is taken, why the rest is not, and the rule in the dtab", async (t) => {
    if (!requireServer(t, missing)) return;
    await using playground = await openPlayground(context, `${daemon.adminUrl}/delegator?router=small#/svc/users`);
    const { page } = playground;
    await waitUntil("it is explained", 5_000, async () => (await playground.verdict()) === "It binds to 2 addresses.");
    const chosen = page.getByRole("table", { name: "requests go to" });
    assert.match(await chosen.innerText(), /100\.0 %\s+\/#\/io\.l5d\.fs\/users[\s\S]*127\.0\.0\.1:8080/);

    const dtab = page.getByLabel(/^dtab/);
    await dtab.focus();
    await page.keyboard.press("Control+A");
    await page.keyboard.type(
      "/svc => /#/io.l5d.fs ;\n/svc => /#/io.l5d.fs/no | 3 * /#/io.l5d.fs & /#/io.l5d.fs/orders ;",
    );
    const items = page.getByRole("treeitem");
    await waitUntil("the split is shown", 5_000, async () =>
      (await items.allInnerTexts()).join().includes("weight 3.00, 75.0 %"),
    );
    const all = (await items.allInnerTexts()).join("\n");
    assert.match(all, /✗ not taken\s*1\.\s*\/#\/io\.l5d\.fs\/no\/users\s.*it is no such name/s);

    // Tab leaves the editor; the tree is one stop, and arrows walk it.
    for (let press = 0; press < 6 && !(await playground.focused()).startsWith("▾"); press++)
      await page.keyboard.press("Tab");
    assert.match(await playground.focused(), /✓ taken/);
    await page.keyboard.press("End");
    const last = await playground.focused();
    await page.keyboard.press("Home");
    assert.notEqual(await playground.focused(), last);
    const open = await items.count();
    await page.keyboard.press("ArrowLeft");
    assert.equal(await items.count(), 1, "the root is closed");
    await page.keyboard.press("ArrowRight");
    assert.equal(await items.count(), open);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("r");
    const selected = await page.evaluate(
      "document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)",
    );
    assert.match(String(selected), /^\/svc => \/#\/io\.l5d\.fs\/no/);
    assert.deepEqual(playground.complaints, []);
  });

  it("asks for a name, and finds no fault with the beginning of one", async (t) => {
    if (!requireServer(t, missing)) return;
    await using playground = await openPlayground(context, `${daemon.adminUrl}/delegator?router=small`);
    const { page } = playground;
    await waitUntil("it asks", 5_000, async () => (await playground.verdict()).startsWith("type a name"));
    await page.getByLabel(/^name/).press("End");
    await page.keyboard.type("users");
    await waitUntil("it is explained", 5_000, async () => (await playground.verdict()) === "It binds to 2 addresses.");
  });

  it("marks a mistake at its place while one types, says it, and takes the cursor there", async (t) => {
    if (!requireServer(t, missing)) return;
    await using playground = await openPlayground(context, `${daemon.adminUrl}/delegator#/svc/users`);
    const { page } = playground;
    const dtab = page.getByLabel(/^dtab/);
    await dtab.fill("/svc => /#/io.l5d.fs ;\n/svc/a => | ;");
    const problem = page.locator("#dtab-problem");
    assert.match(await problem.innerText(), /mistake in line 2, column 11/);
    assert.equal(await dtab.getAttribute("aria-invalid"), "true");
    assert.equal(await page.locator(".behind mark").innerText(), "|");
    await page.getByRole("button", { name: "go to the mistake" }).press("Enter");
    assert.equal(await page.evaluate("document.activeElement.selectionStart"), 33);
    await dtab.fill("/svc => /#/io.l5d.fs ;\n/svc/a => ! ;");
    assert.equal((await problem.innerText()).trim(), "");
    assert.equal(await dtab.getAttribute("aria-invalid"), "false");
    assert.deepEqual(playground.complaints, []);
  });

  it("works with two thousand lines, and shows two thousand alternatives a page at a time", async (t) => {
    if (!requireServer(t, missing)) return;
    await using playground = await openPlayground(context, `${daemon.adminUrl}/delegator?router=large#/svc/n1999`);
    const { page } = playground;
    await page.getByText(`dtab (${LINES} lines`).waitFor();
    await waitUntil("it is explained", 5_000, async () => (await playground.verdict()) === "It binds to 2 addresses.");
    const many = Array.from({ length: LINES }, (_, at) => `/svc => /none/${at}`).join(" ;\n");
    const typed = Date.now();
    await replaceText(page.getByLabel(/^dtab/), `/svc => /#/io.l5d.fs ;\n${many}`);
    await page.getByLabel("name, such as").fill("/svc/orders");
    await waitUntil("it is explained", 5_000, async () => (await playground.verdict()) === "It binds to 1 address.");
    t.diagnostic(`${Date.now() - typed} ms from the paste of ${LINES} lines to the answer`);
    const items = page.getByRole("treeitem");
    const more = page.getByText(/50 of 2001 are shown/);
    await more.waitFor();
    const before = await items.count();
    await more.click();
    await page.getByText(/100 of 2001 are shown/).waitFor();
    assert.equal(await items.count(), before + 50);
    assert.deepEqual(playground.complaints, []);
  });

  it("names a request as the router would, and says of a name that a loss of it is held", async (t) => {
    if (!requireServer(t, missing)) return;
    await askOnce({ port: daemon.port, host: "held" });
    zookeeper.remove("/services/held");
    await waitUntil("the loss is held", 5_000, () => daemon.logged("guard.held").length === 1);
    await using playground = await openPlayground(context, `${daemon.adminUrl}/delegator`);
    const { page } = playground;
    await page.getByLabel("a request").check();
    await page.getByLabel(/^request/).fill("GET http://held/x\nuser-agent: browser");
    assert.match(
      await page.getByText("takes the request for").innerText(),
      /io\.l5d\.header\.token takes .* \/svc\/held/,
    );
    const chosen = page.getByRole("table", { name: "requests go to" });
    assert.match(await chosen.innerText(), /held[\s\S]*a loss of 1 is not believed since \d+ s[\s\S]*127\.0\.0\.1:\d+/);
    assert.deepEqual(playground.complaints, []);
  });
});
