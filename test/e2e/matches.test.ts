/** Routes as a list, and both forms in one file: what a request is like decides where it goes, over HTTP/1 and HTTP/2. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { connect } from "node:http2";
import { text } from "node:stream/consumers";
import { it } from "node:test";
import { startBackend } from "../load/backend.ts";
import { startDaemon, type TestDaemon } from "./daemon.ts";

const configuration = (one: number, two: number, three: number): string => `
admin: {port: 0}
listen: {http: 0, h2: 0}
protocol: http
routes:
- {match: {host: users, path: /v2/}, to: "127.0.0.1:${two}"}
- {match: {host: users, method: [POST, PUT]}, to: "127.0.0.1:${three}"}
- {match: {headers: {x-canary: "1"}}, to: "127.0.0.1:${three}"}
- {match: {host: users}, to: "127.0.0.1:${one}"}
routers:
- protocol: http
  label: beside
  identifier: {kind: io.l5d.path}
  dtab: /svc/two => /$/inet/127.0.0.1/${two}
  servers: [{port: 0}]
`;

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The status, and what the backend says. */
async function overHttp1(port: number, { method = "GET", path = "/", headers = {} }: Asked): Promise<string> {
  const asked = request({ port, method, path, headers: { host: "users", ...headers }, agent: false }).end();
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  return `${answer.statusCode} ${(await text(answer)).trim()}`;
}

async function overHttp2(port: number, { method = "GET", path = "/", headers = {} }: Asked): Promise<string> {
  const session = connect(`http://127.0.0.1:${port}`);
  try {
    const { host = "users", ...others } = headers;
    const stream = session.request({ ":method": method, ":path": path, ":authority": host, ...others }).end();
    const [answer] = (await once(stream, "response")) as [{ ":status"?: number }];
    return `${answer[":status"]} ${(await text(stream)).trim()}`;
  } finally {
    session.close();
  }
}

const cases: readonly (readonly [Asked, string])[] = [
  [{}, "one"],
  [{ headers: { host: "USERS:80" } }, "one"],
  [{ path: "/v2/x?y" }, "two"],
  [{ path: "/v2" }, "one"],
  [{ path: "/v2/", method: "POST" }, "two"],
  [{ method: "POST" }, "three"],
  [{ headers: { host: "others", "x-canary": "1" } }, "three"],
  [{ headers: { "x-canary": "0" } }, "one"],
];

it(
  "the first route of a list that matches takes the request, over HTTP/1 and HTTP/2",
  { timeout: 30_000 },
  async () => {
    await using stack = new AsyncDisposableStack();
    const [one, two, three] = await Promise.all(
      ["one", "two", "three"].map(async (name) => stack.use(await startBackend(name))),
    );
    assert.ok(one && two && three);
    const daemon: TestDaemon = stack.use(await startDaemon(configuration(one.port, two.port, three.port)));
    const [http, h2, beside] = daemon.daemon.servers.map(({ port }) => port);
    assert.ok(http && h2 && beside);
    for (const [asked, backend] of cases) {
      const about = JSON.stringify(asked);
      assert.match(await overHttp1(http, asked), new RegExp(`^200 .*${backend}`), about);
      if (asked.headers?.["host"] !== "USERS:80")
        assert.match(await overHttp2(h2, asked), new RegExp(`^200 .*${backend}`), about);
    }
    assert.match(await overHttp1(http, { headers: { host: "others" } }), /^400 .*no route matches/);
    assert.match(await overHttp1(beside, { path: "/two/x" }), /^200 .*two/);
  },
);
