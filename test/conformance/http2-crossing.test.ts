/** What cannot be said canonically crosses neither from HTTP/2 to HTTP/1 nor back: every byte that leaves is judged. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startDaemon, type TestDaemon } from "../e2e/daemon.ts";
import { codeNames, data, headers, rst } from "../fakes/h2-frames.ts";
import { block, type Field } from "../fakes/h2-hpack.ts";
import { H2Listener, H2Peer } from "../fakes/h2-wire.ts";
import { RawBackend } from "../fakes/raw-backend.ts";
import { RawCaller } from "../fakes/raw-caller.ts";
import { readCutRequests, readResponses, valuesOf } from "../fakes/strict-reader.ts";

const SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: evil\r\n\r\n";
const REFUSED = ["400", "rst PROTOCOL_ERROR"];
const get: readonly Field[] = [
  [":method", "GET"],
  [":scheme", "http"],
  [":path", "/"],
  [":authority", "web"],
];
const post: readonly Field[] = [[":method", "POST"], ...get.slice(1)];

/** `get` with one of its fields said otherwise, or left out. */
const but = (name: string, value: string | undefined, from = get): Field[] =>
  from.flatMap((each): Field[] => (each[0] !== name ? [each] : value === undefined ? [] : [[name, value]]));

const config = (h1: number, h2: number): string => `
admin: {port: 0}
routers:
- {protocol: h2, label: down, dtab: "/svc => /$/inet/127.1/${h1}", client: {protocol: http}, servers: [{port: 0}]}
- {protocol: http, label: up, dtab: "/svc => /$/inet/127.1/${h2}", client: {protocol: h2}, servers: [{port: 0}]}
`;

describe("from HTTP/2 to HTTP/1", { concurrency: 1 }, () => {
  let backend: RawBackend;
  let daemon: TestDaemon;
  let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  const OK = answer;
  before(async () => {
    backend = await RawBackend.start(() => answer);
    daemon = await startDaemon(config(backend.port, 1), process.cwd());
  });
  after(async () => {
    await daemon[Symbol.asyncDispose]();
    await backend[Symbol.asyncDispose]();
    assert.deepEqual(daemon.logged("bug"), []);
  });

  /** Requests that the backend has read since, under the strictest reading. */
  const lines = (from: readonly string[]): string[] =>
    backend.seen
      .flatMap((seen, at) => readCutRequests(seen).messages.slice(readCutRequests(from[at] ?? "").messages.length))
      .map(({ line }) => line);

  async function outcome(caller: H2Peer, id: number): Promise<string> {
    const stream = (): ReturnType<H2Peer["stream"]> => caller.stream(id);
    await caller.until("an answer", () => stream().hasEnded || stream().reset !== undefined || caller.state !== "open");
    const { head, hasEnded, reset } = stream();
    if (head && hasEnded) return head[0]?.[1] ?? "";
    return reset === undefined ? caller.end : `${head ? "broken by " : ""}rst ${codeNames[reset]}`;
  }

  /** Sends a request and then an innocent one; says what the caller got and what the backend did. */
  async function cross(send: (caller: H2Peer) => number): Promise<{ got: string; lines: string[] }> {
    using caller = await H2Peer.connect(daemon.port);
    const from = [...backend.seen];
    const id = send(caller);
    const got = await outcome(caller, id);
    if (caller.state === "open") {
      const next = caller.request(but(":path", "/innocent"));
      assert.equal(await outcome(caller, next), "200", caller.log());
    }
    assert.deepEqual(caller.judge.violations, [], caller.log());
    return { got, lines: lines(from).filter((line) => line !== "GET /innocent HTTP/1.1") };
  }

  const evil = [
    "a\r\nx-injected: 1",
    `a\r\n\r\n${SMUGGLED}`,
    "a\nb",
    "a\rb",
    "a\0b",
    "\r\n",
    " a",
    "a ",
    "\ta",
    "a\x01b",
    "a\x7fb",
  ];
  const refused: readonly (readonly [name: string, fields: readonly Field[], body?: string])[] = [
    ...evil.map((value) => [`the value ${JSON.stringify(value.slice(0, 20))}`, [...get, ["x", value]]] as const),
    ...evil
      .slice(0, 5)
      .map((value) => [`the cookie ${JSON.stringify(value.slice(0, 20))}`, [...get, ["cookie", value]]] as const),
    ...[
      "a\r\nb",
      "a b",
      "a:b",
      "a\tb",
      "A",
      "",
      "a\0",
      ":x",
      "content-length:",
      "transfer-encoding ",
      " host",
      "a\x7f",
      "\xe9",
      "a(b",
      'a"b',
    ].map((name) => [`the name ${JSON.stringify(name)}`, [...get, [name, "1"]]] as const),
    ...[
      "",
      "a",
      "/a b",
      "/\r\n",
      `/ HTTP/1.1\r\nHost: x\r\n\r\n${SMUGGLED}`,
      "/\0",
      "/\x7f",
      "/\t",
      "http://evil/",
      "*",
      "/a#b",
      "\\",
    ].map((path) => [`:path ${JSON.stringify(path.slice(0, 20))}`, but(":path", path)] as const),
    ...["", "G ET", "GET /smuggled HTTP/1.1\r\nX:", "GE\0T", "GET\r\n", "G\tT", "GET:", "G\xe9T"].map(
      (method) => [`:method ${JSON.stringify(method.slice(0, 20))}`, but(":method", method)] as const,
    ),
    ...[
      "web\r\nx: y",
      "web x",
      "user@web",
      "web/a",
      "web?a",
      "web#a",
      "we\0b",
      "web:80:80",
      "web:8a",
      "[::1",
      "web, evil",
      "web\\evil",
      "w\xe9b",
      "<web>",
    ].map((authority) => [`:authority ${JSON.stringify(authority)}`, but(":authority", authority)] as const),
    ...["http\r\nx: y", "", "ht tp"].map(
      (scheme) => [`:scheme ${JSON.stringify(scheme)}`, but(":scheme", scheme)] as const,
    ),
    ...[":method", ":scheme", ":path"].map((name) => [`no ${name}`, but(name, undefined)] as const),
    ...get.map(([name, value]) => [`${name} twice`, [...get, [name, value]]] as const),
    ...get.map(([name, value]) => [`${name} twice, differing`, [[name, `${value}x`], ...get]] as const),
    [":status", [...get, [":status", "200"]]],
    ["a pseudo field behind a regular one", [["x", "y"], ...get]],
    ["an unknown pseudo field", [...get, [":path2", "/"]]],
    ["another host than :authority", [...get, ["host", "evil"]]],
    ["two hosts", [...but(":authority", undefined), ["host", "web"], ["host", "evil"]]],
    ["two hosts that are one", [...get, ["host", "web"], ["host", "web"]]],
    ["a host of bad grammar", [...but(":authority", undefined), ["host", "a b"]]],
    ["transfer-encoding", [...post, ["transfer-encoding", "chunked"]], `0\r\n\r\n${SMUGGLED}`],
    ["transfer-encoding identity", [...post, ["transfer-encoding", "identity"]], "x"],
    ["connection", [...get, ["connection", "close"]]],
    ["connection: content-length", [...post, ["connection", "content-length"], ["content-length", "1"]], "x"],
    ["proxy-connection", [...get, ["proxy-connection", "keep-alive"]]],
    ["keep-alive", [...get, ["keep-alive", "1"]]],
    ["upgrade", [...get, ["upgrade", "websocket"]]],
    ["te: gzip", [...get, ["te", "gzip"]]],
    ["te: trailers, chunked", [...get, ["te", "trailers, chunked"]]],
    ["content-length twice, differing", [...post, ["content-length", "1"], ["content-length", "2"]], "x"],
    ["content-length in a list, differing", [...post, ["content-length", "1, 2"]], "x"],
    ...["+1", "-1", "0x1", "1 ", "1;", "", "1.0", "١", "18446744073709551617", "1\r\n"].map(
      (length) =>
        [
          `content-length ${JSON.stringify(length)}`,
          [...post, ["content-length", Buffer.from(length).toString("latin1")]],
          "x",
        ] as const,
    ),
    ["content-length 5 of GET without DATA", [...get, ["content-length", "5"]]],
    ["CONNECT with a path", but(":method", "CONNECT")],
  ];
  for (const [name, fields, body] of refused) {
    it(`refuses ${name}, and the endpoint hears nothing`, async () => {
      const crossed = await cross((caller) => caller.request(fields, body === undefined ? {} : { body }));
      assert.deepEqual(crossed.lines, []);
      assert.ok(REFUSED.includes(crossed.got), `the caller got ${crossed.got}`);
    });
  }

  const lies: readonly (readonly [name: string, fields: readonly Field[], ...frames: ((id: number) => Buffer)[]])[] = [
    ["less than content-length", [...post, ["content-length", "500"]], (id) => data(id, SMUGGLED, { end: true })],
    ["more than content-length", [...post, ["content-length", "3"]], (id) => data(id, `abc${SMUGGLED}`, { end: true })],
    [
      "more than content-length, in another frame",
      [...post, ["content-length", "3"]],
      (id) => data(id, "abc"),
      (id) => data(id, SMUGGLED, { end: true }),
    ],
    [
      "trailers before content-length is reached",
      [...post, ["content-length", "9"]],
      (id) => data(id, "abc"),
      (id) => headers(id, block(["x", "y"]), { end: true }),
    ],
    [
      "trailers with a pseudo field",
      post,
      (id) => data(id, "abc"),
      (id) => headers(id, block([":path", "/"]), { end: true }),
    ],
    [
      "trailers with CRLF",
      post,
      (id) => data(id, "abc"),
      (id) => headers(id, block(["x", `y\r\n\r\n${SMUGGLED}`]), { end: true }),
    ],
    [
      "trailers with a name of CRLF",
      post,
      (id) => data(id, "abc"),
      (id) => headers(id, block([`x: y\r\n\r\n${SMUGGLED}`, "y"]), { end: true }),
    ],
    [
      "trailers with transfer-encoding",
      post,
      (id) => data(id, "abc"),
      (id) => headers(id, block(["transfer-encoding", "chunked"]), { end: true }),
    ],
    ["trailers without END_STREAM", post, (id) => data(id, "abc"), (id) => headers(id, block(["x", "y"]))],
    ["a reset within the body", [...post, ["content-length", "9"]], (id) => data(id, "abc"), (id) => rst(id, "CANCEL")],
    ["a reset within a body of no length", post, (id) => data(id, "abc"), (id) => rst(id, "CANCEL")],
  ];
  for (const [name, fields, ...frames] of lies) {
    it(`never makes a whole message of ${name}`, async () => {
      using caller = await H2Peer.connect(daemon.port);
      const from = [...backend.seen];
      const id = caller.request(fields, { end: false });
      caller.send(...frames.map((each) => each(id)));
      if (await caller.barrier()) {
        const next = caller.request(but(":path", "/innocent"));
        assert.equal(await outcome(caller, next), "200", caller.log());
      }
      assert.deepEqual(
        lines(from).filter((line) => !line.includes("/innocent")),
        [],
      );
      assert.deepEqual(caller.judge.violations, [], caller.log());
    });
  }

  it("passes on no byte behind a body of content-length 0, which was whole before them", async () => {
    using caller = await H2Peer.connect(daemon.port);
    const at = backend.seen.map(({ length }) => length);
    const id = caller.request([...post, ["content-length", "0"]], { end: false });
    caller.send(data(id, SMUGGLED, { end: true }));
    await outcome(caller, id);
    assert.equal(
      backend.seen.some((seen, index) => seen.slice(at[index] ?? 0).includes("smuggled")),
      false,
    );
    assert.deepEqual(caller.judge.violations, [], caller.log());
  });

  it("carries what is strange and right", async () => {
    const cases: readonly (readonly [line: string, fields: readonly Field[], body?: string])[] = [
      ["POST / HTTP/1.1", post, `0\r\n\r\n${SMUGGLED}`],
      ["POST / HTTP/1.1", [...post, ["content-length", "3"]], "abc"],
      ["OPTIONS * HTTP/1.1", but(":path", "*", but(":method", "OPTIONS"))],
      ["GET //evil/../x HTTP/1.1", but(":path", "//evil/../x")],
      ["GET /?a=/?b HTTP/1.1", but(":path", "/?a=/?b")],
      ["GET / HTTP/1.1", [...get, ["te", "trailers"]]],
      ["GET / HTTP/1.1", [...get, ["x", ""], ["x", "\xff\xfe"], ["x", "a\tb"]]],
      ["GET / HTTP/1.1", [...get, ["cookie", "a=1"], ["cookie", "b=2"]]],
      ["GET / HTTP/1.1", [...get, ["host", "web"]]],
      ["GET / HTTP/1.1", [...but(":authority", undefined), ["host", "web"]]],
      ["DELETE / HTTP/1.1", but(":method", "DELETE")],
      ["get / HTTP/1.1", but(":method", "get")],
    ];
    for (const [line, fields, body] of cases) {
      const crossed = await cross((caller) => caller.request(fields, body === undefined ? {} : { body }));
      assert.deepEqual(crossed, { got: "200", lines: [line] });
    }
  });

  it("joins the crumbs of a cookie, and carries trailers", async () => {
    using caller = await H2Peer.connect(daemon.port);
    const at = backend.seen.map(({ length }) => length);
    const id = caller.request([...post, ["cookie", "a=1"], ["x", "y"], ["cookie", "b=2"]], { end: false });
    caller.send(data(id, "abc"), headers(id, block(["x-sum", "7"]), { end: true }));
    assert.equal(await outcome(caller, id), "200");
    const [message] = backend.seen.flatMap((seen, index) => readCutRequests(seen.slice(at[index] ?? 0)).messages);
    assert.ok(message);
    assert.deepEqual(valuesOf(message.fields, "cookie"), ["a=1; b=2"]);
    assert.deepEqual(message.trailers, [["x-sum", "7"]]);
    assert.equal(message.body, "abc");
  });

  const answers: readonly (readonly [name: string, bytes: string, got: readonly string[]])[] = [
    [
      "Transfer-Encoding and Content-Length",
      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      ["502", "200"],
    ],
    ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", ["502"]],
    ["a bare LF in a value", "HTTP/1.1 200 OK\r\nX: a\nY: b\r\nContent-Length: 0\r\n\r\n", ["502"]],
    ["a bare CR in a value", "HTTP/1.1 200 OK\r\nX: a\rY: b\r\nContent-Length: 0\r\n\r\n", ["502"]],
    ["a folded field", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n", ["502", "200"]],
    ["a name with a space", "HTTP/1.1 200 OK\r\nX : a\r\nContent-Length: 0\r\n\r\n", ["502"]],
    ["a name with a colon before it", "HTTP/1.1 200 OK\r\n:status: 500\r\nContent-Length: 0\r\n\r\n", ["502"]],
    [
      "101 that nobody asked for",
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
      ["502"],
    ],
    ["a status of four digits", "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n", ["502"]],
    [
      "fields of the connection",
      "HTTP/1.1 200 OK\r\nConnection: close, x-hop\r\nKeep-Alive: 1\r\nX-Hop: 1\r\nProxy-Connection: x\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nok",
      ["200"],
    ],
    [
      "chunks and trailers",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\nContent-Length: 5\r\n\r\n",
      ["200", "502", "broken by rst INTERNAL_ERROR"],
    ],
    ["204 with a length", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", ["204", "502"]],
    [
      "an interim answer",
      "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nConnection: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
      ["200"],
    ],
    ["names in upper case", "HTTP/1.1 200 OK\r\nX-UPPER: 1\r\nCONTENT-LENGTH: 2\r\n\r\nok", ["200"]],
  ];
  for (const [name, bytes, got] of answers) {
    it(`answers ${name} canonically`, async () => {
      using caller = await H2Peer.connect(daemon.port);
      answer = bytes;
      const id = caller.request(get);
      const outcomeOf = await outcome(caller, id);
      answer = OK;
      assert.ok(got.includes(outcomeOf), `the caller got ${outcomeOf}; ${caller.log()}`);
      assert.equal(await outcome(caller, caller.request(get)), "200");
      assert.deepEqual(caller.judge.violations, [], caller.log());
    });
  }

  it("resets a stream whose answer is cut short, and never ends it", async () => {
    for (const head of ["Content-Length: 9", "Transfer-Encoding: chunked"]) {
      const cut = await RawBackend.start((_seen, socket) => {
        socket.end(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n3\r\nab`);
        return undefined;
      });
      await using own = await startDaemon(config(cut.port, 1), process.cwd());
      using caller = await H2Peer.connect(own.port);
      assert.match(await outcome(caller, caller.request(get)), /^broken by rst/);
      assert.deepEqual(caller.judge.violations, []);
      await cut[Symbol.asyncDispose]();
    }
  });
});

describe("from HTTP/1 to HTTP/2", { concurrency: 1 }, () => {
  let listener: H2Listener;
  let daemon: TestDaemon;
  let port = 0;
  before(async () => {
    listener = await H2Listener.start({ answers: true });
    daemon = await startDaemon(config(1, listener.port), process.cwd());
    port = daemon.daemon.servers[1]?.port ?? 0;
  });
  after(async () => {
    await daemon[Symbol.asyncDispose]();
    await listener[Symbol.asyncDispose]();
    assert.deepEqual(daemon.logged("bug"), []);
  });

  const requests = (): number => listener.peers.reduce((sum, { judge }) => sum + judge.streams.size, 0);
  const violations = (): string[] => listener.peers.flatMap(({ judge }) => judge.violations);

  const head = "POST / HTTP/1.1\r\nHost: web\r\n";
  const cases: readonly (readonly [name: string, bytes: string, passed: number, statuses: RegExp])[] = [
    ["chunks", `${head}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`, 1, /^200$/],
    ["chunks with trailers", `${head}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n`, 1, /^200$/],
    ["a length", `${head}Content-Length: 3\r\n\r\nabc`, 1, /^200$/],
    [
      "fields of the connection",
      `${head}Connection: x-hop, te\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nTE: trailers, deflate\r\nProxy-Connection: close\r\nContent-Length: 0\r\n\r\n`,
      1,
      /^200$/,
    ],
    [
      "names in upper case and values with white space",
      "GET / HTTP/1.1\r\nHOST: web\r\nX-Up:  a \t\r\n\r\n",
      1,
      /^200$/,
    ],
    ["a target in absolute form", "GET http://web/x HTTP/1.1\r\nHost: web\r\n\r\n", 1, /^200$/],
    [
      "a cookie of several crumbs",
      "GET / HTTP/1.1\r\nHost: web\r\nCookie: a=1; b=2\r\nCookie: c=3\r\n\r\n",
      1,
      /^200$/,
    ],
    [
      "length and chunks",
      `${head}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
      0,
      /^400$/,
    ],
    ["two lengths", `${head}Content-Length: 0\r\nContent-Length: 44\r\n\r\n${SMUGGLED}`, 0, /^400$/],
    ["another coding", `${head}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, 0, /^(400|501)$/],
    ["a pseudo field", "GET / HTTP/1.1\r\nHost: web\r\n:path: /smuggled\r\n\r\n", 0, /^400$/],
    ["a folded field", "GET / HTTP/1.1\r\nHost: web\r\nX: a\r\n b\r\n\r\n", 0, /^400$/],
    ["a bare CR", "GET / HTTP/1.1\r\nHost: web\r\nX: a\rb\r\n\r\n", 0, /^400$/],
    ["NUL", "GET / HTTP/1.1\r\nHost: web\r\nX: a\0b\r\n\r\n", 0, /^400$/],
    ["two hosts", "GET / HTTP/1.1\r\nHost: web\r\nHost: evil\r\n\r\n", 0, /^400$/],
    ["a host with a user", "GET / HTTP/1.1\r\nHost: a@web\r\n\r\n", 0, /^400$/],
    ["no host", "GET / HTTP/1.1\r\n\r\n", 0, /^400$/],
    ["a fragment", "GET /a#b HTTP/1.1\r\nHost: web\r\n\r\n", 0, /^400$/],
    [
      "an upgrade to h2c with settings",
      "GET / HTTP/1.1\r\nHost: web\r\nConnection: x\r\nX: y\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
      1,
      /^200$/,
    ],
    ["CONNECT", "CONNECT web:80 HTTP/1.1\r\nHost: web:80\r\n\r\n", 0, /^(400|405|501|502)$/],
    ["OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: web\r\n\r\n", 1, /^200$/],
    ["HEAD", "HEAD / HTTP/1.1\r\nHost: web\r\n\r\n", 1, /^200$/],
  ];
  for (const [name, bytes, passed, statuses] of cases) {
    it(`${passed === 0 ? "refuses" : "carries"} ${name}`, async () => {
      const from = requests();
      using caller = await RawCaller.connect(port);
      caller.send(bytes);
      await caller.until(({ got, state }) => got.includes("\r\n\r\n") || state !== "open");
      const [answer] = readResponses(caller.got, [bytes.slice(0, bytes.indexOf(" "))], caller.state === "ended");
      assert.match(answer?.line.split(" ")[1] ?? caller.got, statuses);
      assert.equal(requests() - from, passed);
      assert.deepEqual(violations(), []);
    });
  }

  it("resets the stream of a body that is cut short, and never ends it", async () => {
    for (const part of [
      "Content-Length: 9\r\n\r\nabc",
      "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
      "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n",
    ]) {
      const from = requests();
      using caller = await RawCaller.connect(port);
      caller.send(`${head.replace("/", "/held")}${part}`);
      await caller.until(() => requests() > from);
      caller.socket.destroy();
      const stream = listener.peers.flatMap(({ judge }) => [...judge.streams.values()]).at(-1);
      await caller.until(() => stream?.reset !== undefined || stream?.hasEnded === true);
      assert.equal(stream?.hasEnded, false);
      assert.deepEqual(violations(), []);
    }
  });
});
