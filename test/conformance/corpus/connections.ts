/** Requests behind each other, expectations, upgrades, and what Connection may take away. */
import { type Case, chunked, EVIL, passed, post, refused } from "./case.ts";

const get = (path: string, ...fields: readonly string[]): string =>
  `GET ${path} HTTP/1.1\r\nHost: a\r\n${fields.map((each) => `${each}\r\n`).join("")}\r\n`;
const KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";

/** The caller is answered and then closed: what stands behind its last request is not read. */
const last = (name: string, bytes: string, gets: string, ...sees: readonly string[]): Case => ({
  name,
  bytes,
  gets,
  sees,
});

const garbage = [
  "\0",
  "\n",
  "\r",
  " ",
  "GET / HTTP/1.1\r\n",
  "0\r\n\r\n",
  "HTTP/1.1 200 OK\r\n\r\n",
  "\x16\x03\x01",
  "\r\n\r\n\r\n",
  "GET /\r\n\r\n",
  ": x\r\n\r\n",
];

const pipelines: readonly Case[] = [
  ...garbage.map((bytes) =>
    last(`a request, then ${JSON.stringify(bytes)}`, `${get("/1")}${bytes}`, "200 400", "GET /1"),
  ),
  last("a request, then a letter", `${get("/1")}x`, "200 200", "GET /1", "xGET /probe @probe"),
  passed(
    "ten requests at once",
    Array.from({ length: 10 }, (_unused, at) => get(`/${at}`)).join(""),
    ...Array.from({ length: 10 }, (_unused, at) => `GET /${at}`),
  ),
  passed("a body, then a request", post(["Content-Length: 5"], `hello${EVIL}`), "POST / length hello", "GET /evil"),
  passed(
    "a chunked body, then a request",
    chunked(`5\r\nhello\r\n0\r\n\r\n${EVIL}`),
    "POST / chunked hello",
    "GET /evil",
  ),
  passed(
    "a body and an empty line behind it",
    post(["Content-Length: 5"], `hello\r\n${EVIL}`),
    "POST / length hello",
    "GET /evil",
  ),
  passed("a chunked body and an empty line behind it", chunked(`0\r\n\r\n\r\n${EVIL}`), "POST / chunked ", "GET /evil"),
  last(
    "a body that is longer than its length",
    post(["Content-Length: 4"], "hello"),
    "200 200",
    "POST / length hell",
    "oGET /probe @probe",
  ),
  refused("an error, then requests", `GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n${get("/1")}${get("/2")}`),
  refused("an error in a body, then requests", chunked(`zz\r\n${get("/1")}${get("/2")}`)),
  last("a request that closes, then another", `${get("/1", "Connection: close")}${EVIL}`, "200", "GET /1"),
  last("a request that closes among other things", `${get("/1", "Connection: x, Close ,y")}${EVIL}`, "200", "GET /1"),
  last("HTTP/1.0, then another", `GET /1 HTTP/1.0\r\nHost: a\r\n\r\n${EVIL}`, "200", "GET /1"),
  last(
    "HTTP/1.0 that stays and closes",
    `GET /1 HTTP/1.0\r\nHost: a\r\nConnection: keep-alive, close\r\n\r\n${EVIL}`,
    "200",
    "GET /1",
  ),
  passed("HTTP/1.0 that stays", "GET /1 HTTP/1.0\r\nHost: a\r\nConnection: Keep-Alive\r\n\r\n", "GET /1"),
];

const expectations: readonly Case[] = [
  passed(
    "an expectation with its body",
    post(["Expect: 100-continue", "Content-Length: 5"], "hello"),
    "POST / length hello",
  ),
  passed(
    "an expectation in capitals",
    post(["Expect: 100-CONTINUE", "Content-Length: 5"], "hello"),
    "POST / length hello",
  ),
  passed(
    "an expectation of something else",
    post(["Expect: 200-ok", "Content-Length: 5"], "hello"),
    "POST / length hello",
  ),
  passed("an expectation of a GET without a body", get("/", "Expect: 100-continue"), "GET /"),
  passed(
    "two expectations",
    post(["Expect: 100-continue", "Expect: x", "Content-Length: 5"], "hello"),
    "POST / length hello",
  ),
  passed(
    "an expectation with a chunked body",
    post(["Expect: 100-continue", "Transfer-Encoding: chunked"], "5\r\nhello\r\n0\r\n\r\n"),
    "POST / chunked hello",
  ),
  passed(
    "an expectation of HTTP/1.0",
    post(["Expect: 100-continue", "Connection: keep-alive", "Content-Length: 5"], "hello").replace("1.1", "1.0"),
    "POST / length hello",
  ),
  passed("an expectation with a length of 0", post(["Expect: 100-continue", "Content-Length: 0"]), "POST / length "),
  refused(
    "an expectation with two framings",
    post(["Expect: 100-continue", "Content-Length: 5", "Transfer-Encoding: chunked"], "0\r\n\r\n"),
  ),
  refused("an obfuscated expectation", post(["Expect : 100-continue", "Content-Length: 5"], "hello")),
];

const upgrades: readonly Case[] = [
  passed(
    "Upgrade: h2c, as smugglers ask",
    get("/", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"),
    "GET /",
  ),
  passed("Upgrade: h2c without its settings", get("/", "Connection: Upgrade", "Upgrade: h2c"), "GET /"),
  passed(
    "Upgrade: h2c that Connection does not name",
    get("/", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"),
    "GET /",
  ),
  passed("Upgrade: h2", get("/", "Connection: Upgrade", "Upgrade: h2"), "GET /"),
  passed("Upgrade: HTTP/2.0", get("/", "Connection: Upgrade", "Upgrade: HTTP/2.0"), "GET /"),
  passed("Upgrade: TLS/1.0", get("/", "Connection: Upgrade", "Upgrade: TLS/1.0"), "GET /"),
  passed("Upgrade: websocket without a key", get("/", "Connection: Upgrade", "Upgrade: websocket"), "GET /"),
  passed("Upgrade: websocket by POST", post(["Connection: Upgrade", "Upgrade: websocket", KEY]), "POST /"),
  passed(
    "Upgrade: websocket with a body",
    post(["Connection: Upgrade", "Upgrade: websocket", KEY, "Content-Length: 5"], "hello"),
    "POST / length hello",
  ),
  passed("Upgrade: websocket, h2c", get("/", "Connection: Upgrade", "Upgrade: websocket, h2c", KEY), "GET /"),
  passed(
    "Upgrade: websocket, granted by nobody",
    get("/", "Connection: Upgrade", "Upgrade: websocket", KEY),
    "GET / upgrade",
  ),
  passed(
    "Upgrade: websocket, then a request",
    `${get("/", "Connection: Upgrade", "Upgrade: websocket", KEY)}${EVIL}`,
    "GET / upgrade",
    "GET /evil",
  ),
  refused("Upgrade with a space before its colon", get("/", "Connection: Upgrade", "Upgrade : websocket", KEY)),
];

const hops: readonly Case[] = [
  passed("Connection names Host", get("/", "Connection: host"), "GET /"),
  passed("Connection names Via", get("/", "Connection: via", "Via: 1.1 x"), "GET /"),
  passed("Connection names fields of routing", get("/", "Connection: x-forwarded-for, cookie", "Cookie: a"), "GET /"),
  passed("Keep-Alive and Proxy-Connection", get("/", "Keep-Alive: timeout=5", "Proxy-Connection: close"), "GET /"),
  passed(
    "Trailer names fields of framing",
    post(["Trailer: Content-Length", "Transfer-Encoding: chunked"], "0\r\nContent-Length: 5\r\n\r\n"),
    "POST / chunked ",
  ),
  passed("a Connection of commas", get("/", "Connection: ,,,,"), "GET /"),
  passed("a Connection of white space", get("/", "Connection:  \t"), "GET /"),
];

export const connections: readonly Case[] = [...pipelines, ...expectations, ...upgrades, ...hops];
