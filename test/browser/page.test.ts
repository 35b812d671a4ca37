/** The admin page in a real Chromium: what people see of a running daemon, and how they get about in it. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import type { BrowserContext, Page } from "playwright-core";
import { type TestDaemon, startDaemon } from "../e2e/daemon.ts";
import { type TempFolder, tempFolder } from "../e2e/temp-folder.ts";
import { FakeZooKeeper } from "../fakes/zookeeper.ts";
import { startBackend } from "../load/backend.ts";
import { OpenLoad, askOnce, failed } from "../load/open-load.ts";
import { waitUntil } from "../load/wait-until.ts";
import { requireServer } from "../servers/require.ts";
import { chromiumPath, openChromium } from "./chromium.ts";

const missing = existsSync(chromiumPath) ? undefined : `${chromiumPath} is not installed`;

const nameCount = 2_000;
const nameOf = (at: number): string => `service-${String(at).padStart(4, "0")}`;

interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  /** Errors of the console and of scripts, and what the content security policy refused. */
  readonly complaints: readonly string[];
}

async function openPage(context: BrowserContext, url: string): Promise<OpenPage> {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("requestfailed", (request) => {
    // An event stream that the page closes itself ends like this.
    if (!request.url().includes("/api/stream")) complaints.push(`${request.url()} failed`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) complaints.push(`${response.url()} answered ${response.status()}`);
  });
  await page.goto(url);
  await page.getByRole("status").filter({ hasText: "live" }).waitFor();
  return { page, complaints, [Symbol.asyncDispose]: () => page.close() };
}

describe("the admin page", { timeout: 120_000 }, () => {
  let folder: TempFolder;
  let daemon: TestDaemon;
  let context: BrowserContext;
  const servers = new AsyncDisposableStack();

  before(async () => {
    if (missing !== undefined) return;
    const fast = servers.use(await startBackend("fast", { delayMs: 1 }));
    const slow = servers.use(await startBackend("slow", { delayMs: 200 }));
    folder = servers.use(tempFolder());
    const both = `127.0.0.1 ${fast.port}\n127.0.0.1 ${slow.port}\n`;
    folder.write("disco/users", both);
    for (let at = 0; at < nameCount; at++) folder.write(`disco/${nameOf(at)}`, both);
    daemon = servers.use(
      await startDaemon(
        `
admin: {port: 0}
namers: [{kind: io.l5d.fs, rootDir: ./disco}]
routers:
- protocol: http
  dtab: /svc => /#/io.l5d.fs
  bindingCache: {paths: 5000, trees: 5000, bounds: 5000, clients: 5000}
  client: {loadBalancer: {kind: ewma}}
  servers: [{port: 0}]
`,
        folder.path,
      ),
    );
    context = await openChromium(`${folder.path}/profile`);
    servers.defer(() => context.close());
  });
  after(() => servers.disposeAsync());

  it("shows routers, names and endpoints, with load that moves while requests run", async (t) => {
    if (!requireServer(t, missing)) return;
    await using load = new OpenLoad({ port: daemon.port, host: "users", perSecond: 100 });
    await waitUntil("the load runs", 5_000, () => load.answers.length > 20);
    await using open = await openPage(context, daemon.adminUrl);
    const { page, complaints } = open;
    await page.getByRole("heading", { name: /router http/ }).waitFor();
    const route = page.locator("article.route", { hasText: "/svc/users" });
    assert.match(await route.innerText(), /\/#\/io\.l5d\.fs\/users/);
    const rows = route.locator("tbody tr");
    assert.equal(await rows.count(), 2);
    assert.match(await rows.first().innerText(), /127\.0\.0\.1:\d+\s+open/);
    const requestsShown = async (): Promise<number> =>
      Number((await route.locator("dd").first().innerText()).replaceAll(",", ""));
    const first = await requestsShown();
    await waitUntil("the number of requests moves", 5_000, async () => (await requestsShown()) > first + 50);
    const perEndpoint = await rows.locator("td:nth-child(5)").allInnerTexts();
    const [most = 0, least = 0] = perEndpoint
      .map((text) => Number(text.trim().replaceAll(",", "")))
      .sort((a, b) => b - a);
    assert.ok(most > 2 * least, `the faster endpoint is not told from the slower: ${perEndpoint.join()}`);
    await waitUntil("three charts are drawn", 5_000, async () => (await page.locator(".plot canvas").count()) === 3);
    await page.getByRole("heading", { name: "namers" }).waitFor();
    const screenshot = process.env["LINKSPAN_SCREENSHOT"];
    if (screenshot) await page.screenshot({ path: screenshot, fullPage: true });
    await load.stop();
    assert.deepEqual(failed(load.answers), []);
    assert.deepEqual(complaints, []);
  });

  it("shows mirrors: what is published where, and what is not, and why", async (t) => {
    if (!requireServer(t, missing)) return;
    await using zookeeper = await FakeZooKeeper.start();
    await using backend = await startBackend("alive");
    using disco = tempFolder({ "disco/users": `127.0.0.1 ${backend.port}\n127.0.0.1 1\n` });
    await using mirroring = await startDaemon(`
admin: {port: 0}
namers: [{kind: io.l5d.fs, rootDir: ${disco.path}/disco}]
mirrors:
- name: users-to-legacy
  from: /#/io.l5d.fs/users
  to: {kind: io.l5d.curator, zkAddrs: "${zookeeper.connectString}", path: /services/users}
`);
    await using open = await openPage(context, mirroring.adminUrl);
    const { page, complaints } = open;
    const mirrors = page.getByRole("region", { name: "mirrors" });
    await mirrors.getByText(/leading.*1 published at 1.*1 unreachable/s).waitFor();
    assert.match(
      await mirrors.locator("tbody tr").innerText(),
      /\/users.*agreed\s+1\s+.*127\.0\.0\.1:1 unreachable: /s,
    );
    assert.deepEqual(complaints, []);
  });

  it("shows panic, and who gets less than its share or nothing", async (t) => {
    if (!requireServer(t, missing)) return;
    await using backend = await startBackend("alive");
    using ports = tempFolder();
    // Nobody listens at port 1.
    ports.write("disco/half", `127.0.0.1 ${backend.port}\n127.0.0.1 1\n`);
    ports.write("disco/few", `127.0.0.1 ${backend.port}\n127.0.0.1 1\n`);
    await using other = await startDaemon(
      `
admin: {port: 0}
sources: {files: {files: ${ports.path}/disco}}
routes:
  half: {to: files/half, panic: 0.9}
  few: {to: files/few, balancer: aperture}
listen: 0
`,
      ports.path,
    );
    await using open = await openPage(context, other.adminUrl);
    const cluster = (name: string) => open.page.locator("article.route", { hasText: `/svc/${name}` });
    for (const name of ["half", "few"]) await askOnce({ port: other.port, host: name });
    await waitUntil("panic is shown", 5_000, async () => {
      await askOnce({ port: other.port, host: "half" });
      return /panic: all that can be connected to are used, 1 of 2/.test(await cluster("half").innerText());
    });
    await waitUntil("the aperture is shown", 5_000, async () => {
      const text = await cluster("few").innerText();
      return text.includes("aperture: 1 of 2");
    });
    assert.deepEqual(open.complaints, []);
  });

  it("finds a name among thousands, goes through their pages, and by keyboard too", async (t) => {
    if (!requireServer(t, missing)) return;
    for (let at = 0; at < nameCount; at += 50) {
      const asked = Array.from({ length: 50 }, (_, more) => askOnce({ port: daemon.port, host: nameOf(at + more) }));
      assert.deepEqual(failed(await Promise.all(asked)), []);
    }
    await using open = await openPage(context, daemon.adminUrl);
    const { page, complaints } = open;
    const shown = (): Promise<string[]> => page.locator("article.route h3 code").allInnerTexts();
    await waitUntil("the first page is shown", 5_000, async () => (await shown()).length === 50);
    const firstPage = await shown();
    await page.getByText("page 1 of 41").waitFor();
    assert.ok(await page.getByRole("button", { name: "previous" }).isDisabled());

    await page.getByRole("button", { name: "next" }).click();
    await page.getByText("page 2 of 41").waitFor();
    await waitUntil(
      "other names are shown",
      5_000,
      async () => !(await shown()).some((name) => firstPage.includes(name)),
    );

    const search = page.getByRole("searchbox", { name: "search names" });
    await search.fill("SERVICE-1234");
    await waitUntil("the name is found", 5_000, async () => (await shown()).join() === "/svc/service-1234");
    await page.getByText("page 1 of 1").waitFor();
    await search.fill("no such name");
    await waitUntil("nothing is found", 5_000, async () => (await shown()).length === 0);
    await search.fill("");
    await page.getByText("page 1 of 41").waitFor();

    await search.focus();
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate("document.activeElement.textContent.trim()"), "next");
    await page.keyboard.press("Enter");
    await page.getByText("page 2 of 41").waitFor();
    await page.keyboard.press("Shift+Tab");
    assert.equal(await page.evaluate("document.activeElement.textContent.trim()"), "previous");
    await page.keyboard.press("Enter");
    await page.getByText("page 1 of 41").waitFor();
    assert.deepEqual(complaints, []);
  });

  it("says that the connection is lost when the daemon ends", async (t) => {
    if (!requireServer(t, missing)) return;
    const lone = await startDaemon(
      `admin: {port: 0}\nsources: {files: {files: ${folder.path}/disco}}\nroutes: {"*": files/*}\nlisten: 0\n`,
    );
    await using open = await openPage(context, lone.adminUrl);
    await open.page.getByText("No name has been asked for yet.").waitFor();
    await lone[Symbol.asyncDispose]();
    await open.page.getByRole("status").filter({ hasText: "connection lost" }).waitFor();
  });
});
