import assert from "node:assert/strict";
import net from "node:net";
import { test } from "node:test";
import {
  type AdminFace,
  type AdminRoute,
  AdminServer,
  sendJson,
  sendText,
  type TakeSocket,
} from "../../../src/admin/server.ts";

const routes: readonly AdminRoute[] = [
  { method: "GET", path: "/shown", handle: ({ url }, response) => sendText(response, 200, url.search) },
  { method: "POST", path: "/change", handle: (_, response) => sendJson(response, { done: true }) },
  { method: "POST", path: "/page", isOnPage: true, handle: (_, response) => sendJson(response, {}) },
  { method: "POST", path: "/question", isQuestion: true, handle: ({ raw }, response) => answerBody(raw, response) },
  { method: "GET", path: "/defect", handle: () => Promise.reject(new Error("a defect")) },
  {
    method: "GET",
    path: "/half",
    handle(_, response) {
      response.write("half");
      throw new Error("a defect");
    },
  },
  { method: "GET", path: "/hidden", handle: (_, response) => sendText(response, 200, "") },
];

async function answerBody(raw: AsyncIterable<unknown>, response: Parameters<typeof sendText>[0]): Promise<void> {
  let body = "";
  for await (const piece of raw) body += String(piece);
  sendText(response, 200, body);
}

class Site implements AsyncDisposable {
  readonly bugs: unknown[] = [];
  readonly server: AdminServer;
  port = 0;

  constructor(face: Partial<AdminFace> = {}) {
    this.server = new AdminServer({ routes, allows: (path) => path !== "/hidden", ...face }, (error) =>
      this.bugs.push(error),
    );
  }

  static async open(face: Partial<AdminFace> = {}): Promise<Site> {
    const site = new Site(face);
    site.port = await site.server.listen({ host: "127.0.0.1", port: 0 });
    return site;
  }

  /** Its status and its body, and which methods there are; or that it was cut off. */
  async ask(line: string, fields: Readonly<Record<string, string>> = {}, body = ""): Promise<string> {
    const socket = net.connect(this.port, "127.0.0.1");
    socket.on("error", () => undefined);
    const all = { host: `127.0.0.1:${this.port}`, connection: "close", ...fields };
    const length = body === "" ? "" : `content-length: ${body.length}\r\n`;
    const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`${line} HTTP/1.1\r\n${head.join("")}${length}\r\n${body}`);
    let text = "";
    for await (const piece of socket as AsyncIterable<Buffer>) text += piece.toString();
    const [top = "", ...rest] = text.split("\r\n\r\n");
    const allowed = /^allow: (.*)$/m.exec(top)?.[1];
    const said = rest.join("\r\n\r\n").trim();
    return `${top.slice(9, 12)}${allowed === undefined ? "" : ` [${allowed.trim()}]`} ${said}`.trim();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.server[Symbol.asyncDispose]();
  }
}

const otherHost = "403 the Host of this request is not an address of the admin port";
const otherPage = "403 changes are not taken from web pages";
const otherMachine = "403 changes are taken from this host only";

test("the admin port answers to its own addresses, and to no name that another site can point at it", async () => {
  await using site = await Site.open();
  for (const host of ["localhost", "localhost:9990", "127.0.0.1", "[::1]:9990", "10.0.0.7:9990", "linkspan"])
    assert.equal(await site.ask("GET /shown?a=1", { host }), "200 ?a=1", host);
  for (const host of ["evil.example", "evil.example:9990", "127.0.0.1.evil.example"])
    assert.equal(await site.ask("GET /shown", { host }), otherHost, host);
});

test("a change is not taken from a web page, unless it is this port's own page and the change is one of it", async () => {
  await using site = await Site.open();
  const own = `http://127.0.0.1:${site.port}`;
  assert.equal(await site.ask("POST /change"), '200 {"done":true}');
  assert.equal(await site.ask("POST /change", { origin: own }), otherPage);
  assert.equal(await site.ask("POST /page", { origin: own }), "200 {}");
  for (const origin of ["http://evil.example", "null", `https://127.0.0.1:${site.port + 1}`, "::"])
    assert.equal(await site.ask("POST /page", { origin }), otherPage, origin);
});

test("a question is taken with its body, but not from another site's page", async () => {
  await using site = await Site.open();
  assert.equal(await site.ask("POST /question", {}, "what?"), "200 what?");
  assert.equal(await site.ask("POST /question", { origin: `http://127.0.0.1:${site.port}` }, "what?"), "200 what?");
  const refused = await site.ask("POST /question", { origin: "http://evil.example" }, "what?");
  assert.equal(refused, "403 questions are not taken from other sites");
});

/** As if every caller came from there. */
const from =
  (remoteAddress: string) =>
  (take: TakeSocket): TakeSocket =>
  (socket, closed) =>
    take(Object.defineProperty(socket, "remoteAddress", { value: remoteAddress }), closed);

test("a change is taken from this host alone; what is only shown, from everywhere", async () => {
  for (const address of ["127.0.0.1", "127.4.5.6", "::1", "::ffff:127.0.0.1"]) {
    await using site = await Site.open({ secure: from(address) });
    assert.equal(await site.ask("POST /change"), '200 {"done":true}', address);
  }
  for (const address of ["10.0.0.7", "::ffff:10.0.0.7", "fe80::1", "::12", "::1:2", "1.127.0.0", "2001:db8::127"]) {
    await using site = await Site.open({ secure: from(address) });
    assert.equal(await site.ask("POST /change"), otherMachine, address);
    assert.equal(await site.ask("GET /shown"), "200", address);
  }
});

test("what is not there, or not in that way, is answered with what there is; what is off is not there", async () => {
  await using site = await Site.open();
  assert.equal(await site.ask("GET /nosuch"), "404 nothing is at /nosuch; / lists what there is");
  assert.equal(await site.ask("GET /hidden"), "404 nothing is at /hidden; / lists what there is");
  assert.equal(await site.ask("POST /shown"), "405 [GET] /shown takes GET");
  assert.equal(await site.ask("DELETE /change"), "405 [POST] /change takes POST");
  assert.equal(await site.ask("HEAD /shown"), "200");
});

test("a defect is answered with 500 where it still can be, and cut off where it cannot; it is told, and the port lives", async () => {
  await using site = await Site.open();
  assert.equal(await site.ask("GET /defect"), "500 a defect in linkspan itself; it is in the log as `bug`");
  assert.ok(!(await site.ask("GET /half")).endsWith("0"), "it must not look whole");
  assert.deepEqual(
    site.bugs.map((bug) => (bug as Error).message),
    ["a defect", "a defect"],
  );
  assert.equal(await site.ask("GET /shown"), "200");
});

test("another face is shown on the same socket", async () => {
  await using site = await Site.open();
  site.server.use({ routes: [], allows: () => true });
  assert.equal(await site.ask("GET /shown"), "404 nothing is at /shown; / lists what there is");
});

test("closing ends connections that still wait for an answer; a second close does nothing", async () => {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const site = new Site({ routes: [{ method: "GET", path: "/never", handle: () => resolve() }] });
  site.port = await site.server.listen({ host: "127.0.0.1", port: 0 });
  const answer = site.ask("GET /never");
  await asked;
  await site[Symbol.asyncDispose]();
  assert.equal(await answer.catch(() => ""), "");
  await site[Symbol.asyncDispose]();
});

test("a port that is taken is told to whoever listens", async () => {
  await using first = await Site.open();
  await assert.rejects(new Site().server.listen({ host: "127.0.0.1", port: first.port }), { code: "EADDRINUSE" });
});
