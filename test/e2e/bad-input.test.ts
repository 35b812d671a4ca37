/** Mistakes of people and of callers, one by one: each gets one clear answer, and the daemon lives on. */
import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { describe, it } from "node:test";
import { RawCaller } from "../fakes/raw-caller.ts";
import { startBackend } from "../load/backend.ts";
import { askOnce } from "../load/open-load.ts";
import { type Ended, runCli, spawnDaemon } from "./cli.ts";
import { tempFolder } from "./temp-folder.ts";

/** What no user should see: the inside of the program. */
const stackTrace = /\n\s+at .+:\d+:\d+|node:internal|Node\.js v\d/;

function assertNoStack({ out, err }: Pick<Ended, "out" | "err">): void {
  assert.doesNotMatch(out, stackTrace);
  assert.doesNotMatch(err, stackTrace);
}

/** Runs the text as a configuration that cannot be run; returns what was said of it. */
async function refusedConfig(text: string): Promise<string> {
  using folder = tempFolder({ "linkspan.yaml": text, "disco/users": "127.0.0.1 18999\n" });
  const ended = await runCli(["run", "linkspan.yaml"], { cwd: folder.path });
  assertNoStack(ended);
  assert.deepEqual([ended.code, ended.out], [78, ""]);
  return ended.err;
}

const short = `admin: {port: 0}
sources: {files: {files: ./disco}}
routes:  {users: files/users}
listen:  0
`;

describe("the command line refuses a mistake of its user with one clear message", { concurrency: 2 }, () => {
  it("a file that cannot be parsed", async () => {
    const said = await refusedConfig("sources: {files: {files: ./disco}}\nroutes: [\n");
    assert.match(said, /^linkspan\.yaml:2:9: error: this bracket is never closed\n {2}2 \| routes: \[\n {4}\| {9}\^\n/);
  });

  it("an unknown key, with the one that was meant", async () => {
    const said = await refusedConfig(`${short}balanser: p2c\n`);
    assert.match(said, /linkspan\.yaml:5:1: error: unknown key `balanser`\n {2}5 \| balanser: p2c\n {4}\| \^{8}\n/);
    assert.match(said, /did you mean `balancer`\?/);
  });

  it("a dtab with a slip of the pen, with the place of it", async () => {
    const said = await refusedConfig(`namers:
- {kind: io.l5d.fs, rootDir: ./disco}
routers:
- protocol: http
  dtab: |
    /svc => /#/io.l5d.fs ;
    /foo => /bar | ( /baz ;
  servers: [{port: 0}]
`);
    const caretColumn = 1 + "    /foo => /bar | ( /baz ;".indexOf(";");
    assert.match(said, new RegExp(`^linkspan\\.yaml:7:${caretColumn}: error: `));
    const [, line = "", carets = ""] = said.split("\n");
    assert.equal(carets.indexOf("^"), line.lastIndexOf(";"));
  });

  it("a root folder that is a file", async () => {
    const said = await refusedConfig(short.replace("./disco", "./disco/users"));
    assert.match(
      said,
      /^linkspan: the namer io\.l5d\.fs cannot be opened: rootDir .*disco\/users is not a directory\n/,
    );
  });

  it("a root folder that may not be read", async () => {
    using folder = tempFolder({ "linkspan.yaml": short, "disco/users": "127.0.0.1 18999\n" });
    chmodSync(`${folder.path}/disco`, 0o000);
    chmodSync(folder.path, 0o755);
    // Root may read everything, so it goes on as nobody.
    const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    const ended = await runCli(["run", "linkspan.yaml"], { cwd: folder.path, ...nobody });
    assertNoStack(ended);
    assert.equal(ended.code, 78);
    assert.match(ended.err, /cannot be opened: rootDir \.\/disco may not be read\n/);
  });

  it("a file that is not there", async () => {
    const ended = await runCli(["run", "nowhere.yaml"]);
    assertNoStack(ended);
    assert.equal(ended.code, 78);
    assert.match(ended.err, /^linkspan: cannot read nowhere\.yaml: there is no such file\n/);
  });

  it("a command that does not exist", async () => {
    const ended = await runCli(["rn"]);
    assertNoStack(ended);
    assert.equal(ended.code, 2);
    assert.match(ended.err, /unknown command rn; did you mean run\?/);
  });

  for (const which of ["listen", "admin"] as const) {
    it(`a port of the key \`${which}\` that is in use`, async () => {
      const taken = createServer().listen(0, "127.0.0.1");
      await once(taken, "listening");
      const { port } = taken.address() as AddressInfo;
      try {
        const text =
          which === "listen"
            ? short.replace("listen:  0", `listen: ${port}`)
            : short.replace("port: 0", `port: ${port}`);
        using folder = tempFolder({ "linkspan.yaml": text, "disco/users": "" });
        const ended = await runCli(["run", "linkspan.yaml"], { cwd: folder.path });
        assertNoStack(ended);
        assert.equal(ended.code, 1);
        assert.match(
          ended.err,
          new RegExp(`^linkspan: 127\\.0\\.0\\.1:${port}.* is in use \\(listen\\.in_use\\)\nNext: `),
        );
      } finally {
        taken.close();
      }
    });
  }
});

const malformed = (...heads: readonly string[]): readonly (readonly [string, number, string])[] =>
  heads.map((head) => [head, 400, "request.malformed"] as const);

const post = "POST / HTTP/1.1\r\nHost: users\r\n";
const get = "GET / HTTP/1.1\r\nHost: users\r\n";

/** Malformed when the head may be on its way already. */
const brokenBodies = malformed(
  `${post}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
  `${post}Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n`,
  `${post}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n`,
);

/** Bytes, the status and the code of the answer. */
const corpus: readonly (readonly [string, number, string])[] = [
  ...malformed(
    "hello there\r\n\r\n",
    "\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03",
    "GET\r\n\r\n",
    "GET /\r\n\r\n",
    " / HTTP/1.1\r\nHost: users\r\n\r\n",
    "GET  / HTTP/1.1\r\nHost: users\r\n\r\n",
    "GET / HTTP/1.1 \r\nHost: users\r\n\r\n",
    "GET / http/1.1\r\nHost: users\r\n\r\n",
    "GET users HTTP/1.1\r\nHost: users\r\n\r\n",
    "GET /a#b HTTP/1.1\r\nHost: users\r\n\r\n",
    "GET /caf\xe9 HTTP/1.1\r\nHost: users\r\n\r\n",
    "GET * HTTP/1.1\r\nHost: users\r\n\r\n",
    "CONNECT users:80 HTTP/1.1\r\nHost: users:80\r\n\r\n",
    "GET / HTTP/1.1\nHost: users\n\n",
    "GET / HTTP/1.1\r\n\r\n",
    `${get}Host: orders\r\n\r\n`,
    "GET / HTTP/1.1\r\nHost: us ers\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: me@users\r\n\r\n",
    `${get}X : 1\r\n\r\n`,
    `${get}X: 1\r\n folded\r\n\r\n`,
    `${get}: 1\r\n\r\n`,
    `${get}No colon\r\n\r\n`,
    `${get}X: a\0b\r\n\r\n`,
    `${get}X: a\rb\r\n\r\n`,
    `${post}Content-Length: -1\r\n\r\n`,
    `${post}Content-Length: 0x10\r\n\r\n`,
    `${post}Content-Length: 1, 1\r\n\r\na`,
    `${post}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`,
    `${post}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    `${post}Transfer-Encoding: gzip\r\n\r\n`,
    `${post}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`,
    `${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
    "POST / HTTP/1.0\r\nHost: users\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  ),
  ["PRI * HTTP/2.0\r\n\r\nMS\r\n\r\n", 505, "request.version"],
  ["GET / HTTP/2.0\r\nHost: users\r\n\r\n", 505, "request.version"],
  [`GET /${"a".repeat(9_000)} HTTP/1.1\r\nHost: users\r\n\r\n`, 414, "request.line_too_large"],
  [`${get}X: ${"a".repeat(20_000)}\r\n\r\n`, 431, "request.head_too_large"],
  [`${get}${"X: 1\r\n".repeat(200)}\r\n`, 431, "request.head_too_large"],
  ["GET / HTTP/1.0\r\n\r\n", 400, "request.unidentified"],
  ["GET / HTTP/1.1\r\nHost: unheard-of\r\n\r\n", 502, "name.negative"],
];

it("every malformed request gets its answer, and a good one after it is served", { timeout: 60_000 }, async () => {
  await using backend = await startBackend("good");
  using folder = tempFolder({ "linkspan.yaml": short, "disco/users": `127.0.0.1 ${backend.port}\n` });
  await using daemon = await spawnDaemon("linkspan.yaml", { cwd: folder.path });
  const good = { port: daemon.port, host: "users" };
  for (const [bytes, status, code] of [...corpus, ...brokenBodies]) {
    using caller = await RawCaller.connect(daemon.port);
    caller.send(bytes);
    await caller.until(({ got }) => got.includes("\r\n\r\n"));
    const seen = [Number(caller.got.slice(9, 12)), /\r\nlinkspan-code: (\S+)/i.exec(caller.got)?.[1]];
    assert.deepEqual(seen, [status, code], JSON.stringify(bytes.slice(0, 80)));
    const { status: next, body } = await askOnce(good);
    assert.deepEqual([next, body], [200, "good"], `after ${JSON.stringify(bytes.slice(0, 80))}`);
  }
  const goodOnes = corpus.length + brokenBodies.length;
  assert.ok(backend.requests <= goodOnes + brokenBodies.length, "a malformed head reached the backend");
  daemon.process.signal("SIGTERM");
  const ended = await daemon.process.endWithin(15_000);
  assert.equal(ended.code, 0);
  assertNoStack(ended);
  assert.deepEqual(daemon.process.logged("bug"), []);
});
