/** Bytes in, bytes out: what a caller gets and what a backend sees, for each thing that RFC 9112 speaks of. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Http1Proxy } from "../fakes/http1-proxy.ts";
import { RawBackend } from "../fakes/raw-backend.ts";
import { RawCaller } from "../fakes/raw-caller.ts";
import { readRequests, readResponses } from "../fakes/strict-reader.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const OK_SEEN = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nvia: 1.1 linkspan\r\n\r\nok";
const VIA = "via: 1.1 linkspan\r\n";

const statusOf = (got: string): number => Number(got.slice(9, 12));
const repeat = (text: string, count: number): string => text.repeat(count);
const fields = (count: number): string => Array.from({ length: count }, (_unused, at) => `X-${at}: v\r\n`).join("");

/** Refused before a byte reaches the backend: [what, bytes, status, code]. */
const refused: readonly (readonly [string, string, number, string])[] = [
  ["a lone LF ends the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400, "request.malformed"],
  ["a lone LF ends a field", "GET / HTTP/1.1\r\nHost: a\nX: 1\r\n\r\n", 400, "request.malformed"],
  ["only LFs end lines", "GET / HTTP/1.1\nHost: a\n\n", 400, "request.malformed"],
  ["a CR stands in a field value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400, "request.malformed"],
  ["a CR stands in a field name", "GET / HTTP/1.1\r\nHost: a\r\nX\ry: b\r\n\r\n", 400, "request.malformed"],
  ["a NUL stands in a field value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", 400, "request.malformed"],
  ["a NUL stands in a field name", "GET / HTTP/1.1\r\nHost: a\r\nX\0: b\r\n\r\n", 400, "request.malformed"],
  ["a DEL stands in a field value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\x7fb\r\n\r\n", 400, "request.malformed"],
  ["an escape stands in a field value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\x1bb\r\n\r\n", 400, "request.malformed"],
  ["a space stands before a colon", "GET / HTTP/1.1\r\nHost: a\r\nX : 1\r\n\r\n", 400, "request.malformed"],
  ["a tab stands before a colon", "GET / HTTP/1.1\r\nHost: a\r\nX\t: 1\r\n\r\n", 400, "request.malformed"],
  ["a space before Host's colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400, "request.malformed"],
  ["a field is folded", "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n", 400, "request.malformed"],
  ["a field is folded by a tab", "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n\t2\r\n\r\n", 400, "request.malformed"],
  ["the first field begins with a space", "GET / HTTP/1.1\r\n X: 1\r\nHost: a\r\n\r\n", 400, "request.malformed"],
  ["a field name is empty", "GET / HTTP/1.1\r\nHost: a\r\n: 1\r\n\r\n", 400, "request.malformed"],
  ["a field has no colon", "GET / HTTP/1.1\r\nHost: a\r\nNoColon\r\n\r\n", 400, "request.malformed"],
  ["a field name is not ASCII", "GET / HTTP/1.1\r\nHost: a\r\nX-\xe9: 1\r\n\r\n", 400, "request.malformed"],
  ["a field name has a slash", "GET / HTTP/1.1\r\nHost: a\r\nX/Y: 1\r\n\r\n", 400, "request.malformed"],
  ["a field name has quotes", 'GET / HTTP/1.1\r\nHost: a\r\n"X": 1\r\n\r\n', 400, "request.malformed"],
  ["there is no Host in HTTP/1.1", "GET / HTTP/1.1\r\n\r\n", 400, "request.malformed"],
  ["there are two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "request.malformed"],
  ["there are two equal Hosts", "GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", 400, "request.malformed"],
  ["there are two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400, "request.malformed"],
  ["the Host has a space", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, "request.malformed"],
  ["the Host has a slash", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "request.malformed"],
  ["the Host has user information", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400, "request.malformed"],
  ["the Host is a list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400, "request.malformed"],
  ["the Host's port is no number", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", 400, "request.malformed"],
  ["the Host is not ASCII", "GET / HTTP/1.1\r\nHost: caf\xe9\r\n\r\n", 400, "request.malformed"],
  ["the method is empty", " / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request.malformed"],
  ["the method is no token", "G@T / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request.malformed"],
  ["a tab stands behind the method", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request.malformed"],
  ["two spaces stand in the request line", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request.malformed"],
  ["two spaces stand before the version", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request.malformed"],
  ["a space ends the request line", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400, "request.malformed"],
  ["the target is missing", "GET HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request.malformed"],
  ["the target has no slash", "GET abc HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request.malformed"],
  ["the target has a fragment", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request.malformed"],
  ["the target is not ASCII", "GET /caf\xe9 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request.malformed"],
  ["the target has a control byte", "GET /a\x01b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request.malformed"],
  ["a percent of the path is no escape", "GET /a%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request.malformed"],
  ["an asterisk goes with GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request.malformed"],
  ["the scheme is unknown", "GET ftp://a/b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request.malformed"],
  ["an absolute form has no host", "GET http:///b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request.malformed"],
  ["an absolute form has user information", "GET http://u:p@a/b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request.malformed"],
  ["an absolute form comes without Host", "GET http://a/b HTTP/1.1\r\n\r\n", 400, "request.malformed"],
  ["CONNECT", "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", 400, "request.malformed"],
  ["HTTP/0.9", "GET /x\r\n\r\n", 400, "request.malformed"],
  ["HTTP/0.9 before its second line", "GET /x\r\n", 400, "request.malformed"],
  ["one word", "GET\r\n\r\n", 400, "request.malformed"],
  ["words", "hello there\r\n\r\n", 400, "request.malformed"],
  ["a TLS hello", "\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03", 400, "request.malformed"],
  ["the version is in lower case", "GET / http/1.1\r\nHost: a\r\n\r\n", 400, "request.malformed"],
  ["the version has two digits", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400, "request.malformed"],
  ["the version has a sign", "GET / HTTP/+1.1\r\nHost: a\r\n\r\n", 400, "request.malformed"],
  ["HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505, "request.version"],
  ["HTTP/2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505, "request.version"],
  ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "request.version"],
  [
    "two Content-Lengths",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    400,
    "request.malformed",
  ],
  [
    "two equal Content-Lengths",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
    400,
    "request.malformed",
  ],
  [
    "a list of Content-Lengths",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\na",
    400,
    "request.malformed",
  ],
  ["an empty Content-Length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\na", 400, "request.malformed"],
  ["a negative Content-Length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\na", 400, "request.malformed"],
  [
    "a Content-Length with a plus",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\na",
    400,
    "request.malformed",
  ],
  [
    "a hexadecimal Content-Length",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\na",
    400,
    "request.malformed",
  ],
  [
    "a Content-Length with a point",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1.0\r\n\r\na",
    400,
    "request.malformed",
  ],
  [
    "a Content-Length with an underscore",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1_0\r\n\r\na",
    400,
    "request.malformed",
  ],
  [
    "a Content-Length with a space inside",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1 0\r\n\r\na",
    400,
    "request.malformed",
  ],
  [
    "an overlong Content-Length",
    `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${repeat("9", 20)}\r\n\r\na`,
    400,
    "request.malformed",
  ],
  [
    "Content-Length, then Transfer-Encoding",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    400,
    "request.malformed",
  ],
  [
    "Transfer-Encoding, then Content-Length",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    400,
    "request.malformed",
  ],
  [
    "two Transfer-Encodings",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    400,
    "request.malformed",
  ],
  [
    "chunked, then identity",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    400,
    "request.malformed",
  ],
  [
    "gzip, chunked",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    400,
    "request.malformed",
  ],
  [
    "chunked, gzip",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    400,
    "request.malformed",
  ],
  [
    "chunked, chunked",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    400,
    "request.malformed",
  ],
  ["xchunked", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400, "request.malformed"],
  [
    "chunked with a parameter",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n",
    400,
    "request.malformed",
  ],
  [
    "quoted chunked",
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n',
    400,
    "request.malformed",
  ],
  [
    "a vertical tab before chunked",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    400,
    "request.malformed",
  ],
  [
    "a non-breaking space behind chunked",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\xa0\r\n\r\n0\r\n\r\n",
    400,
    "request.malformed",
  ],
  [
    "an empty Transfer-Encoding",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n0\r\n\r\n",
    400,
    "request.malformed",
  ],
  ["identity", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n", 400, "request.malformed"],
  [
    "Transfer-Encoding with a space before its colon",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    400,
    "request.malformed",
  ],
  [
    "Transfer-Encoding in HTTP/1.0",
    "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    400,
    "request.malformed",
  ],
  [
    "a request line over the limit",
    `GET /${repeat("a", 4096)} HTTP/1.1\r\nHost: a\r\n\r\n`,
    414,
    "request.line_too_large",
  ],
  ["a request line over the limit that has not ended", `GET /${repeat("a", 5000)}`, 414, "request.line_too_large"],
  [
    "a head over the limit",
    `GET / HTTP/1.1\r\nHost: a\r\nX: ${repeat("a", 8192)}\r\n\r\n`,
    431,
    "request.head_too_large",
  ],
  [
    "a head over the limit that has not ended",
    `GET / HTTP/1.1\r\nHost: a\r\nX: ${repeat("a", 9000)}`,
    431,
    "request.head_too_large",
  ],
  ["more fields than the limit", `GET / HTTP/1.1\r\nHost: a\r\n${fields(100)}\r\n`, 431, "request.head_too_large"],
];

describe("a request is refused, and its connection closed, where", () => {
  for (const [what, bytes, status, code] of refused) {
    it(what, async () => {
      await using backend = await RawBackend.start(() => OK);
      await using proxy = await Http1Proxy.start(backend.port);
      using caller = await RawCaller.connect(proxy.port);
      caller.send(bytes);
      await caller.until(({ state }) => state === "ended");
      assert.equal(statusOf(caller.got), status);
      assert.match(caller.got, new RegExp(`\r\nlinkspan-code: ${code.replace(".", "\\.")}\r\n`));
      assert.match(caller.got, /\r\nconnection: close\r\n/);
      assert.equal(readResponses(caller.got, ["GET"], true).length, 1);
      assert.deepEqual(backend.seen.join(""), "");
      assert.deepEqual(proxy.bugs, []);
    });
  }
});

/** What goes through, and in which form: [what, bytes, what the backend sees]. */
const passed: readonly (readonly [string, string, string])[] = [
  ["a plain request", "GET /x HTTP/1.1\r\nHost: a\r\n\r\n", `GET /x HTTP/1.1\r\nHost: a\r\n${VIA}\r\n`],
  [
    "order and case of fields",
    "GET / HTTP/1.1\r\nX-One: 1\r\nhOsT: a\r\nx-two: 2\r\nX-ONE: 3\r\n\r\n",
    `GET / HTTP/1.1\r\nX-One: 1\r\nhOsT: a\r\nx-two: 2\r\nX-ONE: 3\r\n${VIA}\r\n`,
  ],
  [
    "white space around values goes",
    "GET / HTTP/1.1\r\nHost:a\r\nX: \t 1 2\t \r\nY:2\r\n\r\n",
    `GET / HTTP/1.1\r\nHost: a\r\nX: 1 2\r\nY: 2\r\n${VIA}\r\n`,
  ],
  [
    "empty values",
    "GET / HTTP/1.1\r\nHost: a\r\nX:\r\nY: \t \r\n\r\n",
    `GET / HTTP/1.1\r\nHost: a\r\nX: \r\nY: \r\n${VIA}\r\n`,
  ],
  [
    "a tab within a value",
    "GET / HTTP/1.1\r\nHost: a\r\nX: 1\t2\r\n\r\n",
    `GET / HTTP/1.1\r\nHost: a\r\nX: 1\t2\r\n${VIA}\r\n`,
  ],
  [
    "bytes above 0x7f in a value",
    "GET / HTTP/1.1\r\nHost: a\r\nX: caf\xc3\xa9\r\n\r\n",
    `GET / HTTP/1.1\r\nHost: a\r\nX: caf\xc3\xa9\r\n${VIA}\r\n`,
  ],
  ["an empty Host", "GET / HTTP/1.1\r\nHost: \r\n\r\n", `GET / HTTP/1.1\r\nHost: \r\n${VIA}\r\n`],
  [
    "a Host with a port",
    "GET / HTTP/1.1\r\nHost: a.b-c_d~e:8080\r\n\r\n",
    `GET / HTTP/1.1\r\nHost: a.b-c_d~e:8080\r\n${VIA}\r\n`,
  ],
  [
    "a Host that is an IPv6 address",
    "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
    `GET / HTTP/1.1\r\nHost: [::1]:80\r\n${VIA}\r\n`,
  ],
  [
    "an absolute form becomes origin form and Host",
    "GET http://b:81/x?q HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n",
    `GET /x?q HTTP/1.1\r\nX: 1\r\nHost: b:81\r\n${VIA}\r\n`,
  ],
  [
    "an absolute form without a path",
    "GET HTTP://b HTTP/1.1\r\nHost: a\r\n\r\n",
    `GET / HTTP/1.1\r\nHost: b\r\n${VIA}\r\n`,
  ],
  [
    "an absolute form with a query only",
    "GET http://b?q=1 HTTP/1.1\r\nHost: a\r\n\r\n",
    `GET /?q=1 HTTP/1.1\r\nHost: b\r\n${VIA}\r\n`,
  ],
  ["OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", `OPTIONS * HTTP/1.1\r\nHost: a\r\n${VIA}\r\n`],
  [
    "OPTIONS of a whole host in absolute form",
    "OPTIONS http://b HTTP/1.1\r\nHost: a\r\n\r\n",
    `OPTIONS * HTTP/1.1\r\nHost: b\r\n${VIA}\r\n`,
  ],
  [
    "dots and escapes of a path stay",
    "GET //a/../b/./%2F%41;c=1 HTTP/1.1\r\nHost: a\r\n\r\n",
    `GET //a/../b/./%2F%41;c=1 HTTP/1.1\r\nHost: a\r\n${VIA}\r\n`,
  ],
  [
    "what no URI may hold is percent-encoded",
    'GET /[a]?x={1}|"2"&p=100% HTTP/1.1\r\nHost: a\r\n\r\n',
    `GET /%5Ba%5D?x=%7B1%7D%7C%222%22&p=100%25 HTTP/1.1\r\nHost: a\r\n${VIA}\r\n`,
  ],
  [
    "a method that nobody knows",
    "BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n",
    `BREW /pot HTTP/1.1\r\nHost: a\r\n${VIA}\r\n`,
  ],
  [
    "one empty line before a request",
    "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    `GET / HTTP/1.1\r\nHost: a\r\n${VIA}\r\n`,
  ],
  [
    "a request line at the limit",
    `GET /${repeat("a", 4082)} HTTP/1.1\r\nHost: a\r\n\r\n`,
    `GET /${repeat("a", 4082)} HTTP/1.1\r\nHost: a\r\n${VIA}\r\n`,
  ],
  [
    "a head at the limit",
    `GET / HTTP/1.1\r\nHost: a\r\nX: ${repeat("a", 8178)}\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: a\r\nX: ${repeat("a", 8178)}\r\n${VIA}\r\n`,
  ],
  [
    "as many fields as the limit",
    `GET / HTTP/1.1\r\nHost: a\r\n${fields(99)}\r\n`,
    `GET / HTTP/1.1\r\nHost: a\r\n${fields(99)}${VIA}\r\n`,
  ],
  ["HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", `GET / HTTP/1.0\r\n${VIA}\r\n`],
  [
    "a body with a length",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n${VIA}\r\nhello`,
  ],
  [
    "a length with zeros before it",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 005\r\n\r\nhello",
    `POST / HTTP/1.1\r\nHost: a\r\n${VIA}content-length: 5\r\n\r\nhello`,
  ],
  [
    "a length of zero",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
    `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n${VIA}\r\n`,
  ],
  [
    "no length is added where none was",
    "POST / HTTP/1.1\r\nHost: a\r\n\r\n",
    `POST / HTTP/1.1\r\nHost: a\r\n${VIA}\r\n`,
  ],
  [
    "a body with a length from HTTP/1.0",
    "POST / HTTP/1.0\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi",
    `POST / HTTP/1.0\r\nHost: a\r\nContent-Length: 2\r\n${VIA}\r\nhi`,
  ],
  [
    "a GET with a body",
    "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi",
    `GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n${VIA}\r\nhi`,
  ],
  [
    "a chunked body",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    `POST / HTTP/1.1\r\nHost: a\r\n${VIA}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
  ],
  [
    "an empty chunked body",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n",
    `POST / HTTP/1.1\r\nHost: a\r\n${VIA}transfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  [
    "chunk extensions go",
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b;c="d e"\r\nhi\r\n0;x\r\n\r\n',
    `POST / HTTP/1.1\r\nHost: a\r\n${VIA}transfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n`,
  ],
  [
    "zeros and capitals of chunk sizes go",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n000A\r\n0123456789\r\n000\r\n\r\n",
    `POST / HTTP/1.1\r\nHost: a\r\n${VIA}transfer-encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n`,
  ],
  [
    "trailers pass",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum:  1\r\n\r\n",
    `POST / HTTP/1.1\r\nHost: a\r\n${VIA}transfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 1\r\n\r\n`,
  ],
  [
    "forbidden trailers go",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nContent-Length: 9\r\nHost: b\r\nTransfer-Encoding: x\r\nX: 1\r\n\r\n",
    `POST / HTTP/1.1\r\nHost: a\r\n${VIA}transfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX: 1\r\n\r\n`,
  ],
  [
    "hop-by-hop fields go",
    "GET / HTTP/1.1\r\nHost: a\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\nTE: trailers\r\nTrailer: X\r\nProxy-Authorization: p\r\nX: 1\r\n\r\n",
    `GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n${VIA}\r\n`,
  ],
  [
    "what Connection names goes",
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: x-a, X-B\r\nX-A: 1\r\nx-b: 2\r\nX-C: 3\r\n\r\n",
    `GET / HTTP/1.1\r\nHost: a\r\nX-C: 3\r\n${VIA}\r\n`,
  ],
  [
    "Connection cannot name Host, length or Via away",
    "POST / HTTP/1.1\r\nHost: a\r\nVia: 1.0 f\r\nConnection: host, content-length, via\r\nContent-Length: 2\r\n\r\nhi",
    `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nvia: 1.0 f, 1.1 linkspan\r\n\r\nhi`,
  ],
  [
    "Upgrade goes",
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX: 1\r\n\r\n",
    `GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n${VIA}\r\n`,
  ],
  [
    "Via is joined",
    "GET / HTTP/1.1\r\nHost: a\r\nVia: 1.0 fred\r\nVia: 1.1 bob\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nVia: 1.0 fred\r\nvia: 1.1 bob, 1.1 linkspan\r\n\r\n",
  ],
  [
    "an expectation that nobody knows passes",
    "POST / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\nContent-Length: 2\r\n\r\nhi",
    `POST / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\nContent-Length: 2\r\n${VIA}\r\nhi`,
  ],
  [
    "an expectation of a 100 passes",
    "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi",
    `POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n${VIA}\r\nhi`,
  ],
];

describe("a request reaches the backend canonical:", () => {
  for (const [what, bytes, seen] of passed) {
    it(what, async () => {
      await using backend = await RawBackend.start(() => OK);
      await using proxy = await Http1Proxy.start(backend.port);
      using caller = await RawCaller.connect(proxy.port);
      caller.send(bytes);
      await caller.until(({ got }) => got.endsWith("\r\n\r\nok"));
      assert.equal(backend.seen.join("|"), seen);
      assert.equal(readRequests(seen).length, 1);
      assert.equal(statusOf(caller.got), 200);
      assert.deepEqual(proxy.bugs, []);
    });
  }
});

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const HEAD = "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n";
const GET10 = "GET / HTTP/1.0\r\nHost: a\r\n\r\n";
const GET10_KEEP = "GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n";

/** [what, request, the backend's bytes, whether it closes then, the caller's bytes, how the connection stands]. */
const answers: readonly (readonly [string, string, string, boolean, string, "open" | "ended" | "reset"])[] = [
  ["with a length", GET, OK, false, OK_SEEN, "open"],
  [
    "whose lines are crooked",
    GET,
    "HTTP/1.1 200 OK\r\nContent-Length:2\r\nX:  1 \r\n\r\nok",
    false,
    `HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: 1\r\n${VIA}\r\nok`,
    "open",
  ],
  [
    "chunked",
    GET,
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    false,
    `HTTP/1.1 200 OK\r\n${VIA}transfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
    "open",
  ],
  [
    "chunked, with extensions and trailers",
    GET,
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n02;x=y\r\nok\r\n0\r\nX-T:1\r\nSet-Cookie: a\r\n\r\n",
    false,
    `HTTP/1.1 200 OK\r\n${VIA}transfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-T: 1\r\n\r\n`,
    "open",
  ],
  [
    "that ends with its connection",
    GET,
    "HTTP/1.1 200 OK\r\n\r\nok",
    true,
    `HTTP/1.1 200 OK\r\n${VIA}transfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
    "open",
  ],
  ["of HTTP/1.0", GET, "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", true, OK_SEEN, "open"],
  [
    "of HTTP/1.0 that ends with its connection",
    GET,
    "HTTP/1.0 200 OK\r\n\r\nok",
    true,
    `HTTP/1.1 200 OK\r\n${VIA}transfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
    "open",
  ],
  [
    "to HEAD, with a length",
    HEAD,
    "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n",
    false,
    `HTTP/1.1 200 OK\r\nContent-Length: 500\r\n${VIA}\r\n`,
    "open",
  ],
  [
    "to HEAD, chunked",
    HEAD,
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    false,
    `HTTP/1.1 200 OK\r\n${VIA}\r\n`,
    "open",
  ],
  ["to HEAD, without framing", HEAD, "HTTP/1.1 200 OK\r\n\r\n", false, `HTTP/1.1 200 OK\r\n${VIA}\r\n`, "open"],
  [
    "204",
    GET,
    "HTTP/1.1 204 No Content\r\nX: 1\r\n\r\n",
    false,
    `HTTP/1.1 204 No Content\r\nX: 1\r\n${VIA}\r\n`,
    "open",
  ],
  [
    "204 with a length",
    GET,
    "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
    false,
    `HTTP/1.1 204 No Content\r\n${VIA}\r\n`,
    "open",
  ],
  [
    "304 with a length",
    GET,
    "HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n",
    false,
    `HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n${VIA}\r\n`,
    "open",
  ],
  [
    "205",
    GET,
    "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n",
    false,
    `HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n${VIA}\r\n`,
    "open",
  ],
  [
    "without a reason",
    GET,
    "HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok",
    false,
    `HTTP/1.1 200 \r\nContent-Length: 2\r\n${VIA}\r\nok`,
    "open",
  ],
  [
    "without a reason and its space",
    GET,
    "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok",
    false,
    `HTTP/1.1 200 \r\nContent-Length: 2\r\n${VIA}\r\nok`,
    "open",
  ],
  [
    "with a status that nobody knows",
    GET,
    "HTTP/1.1 999 Odd Reason!\r\nContent-Length: 2\r\n\r\nok",
    false,
    `HTTP/1.1 999 Odd Reason!\r\nContent-Length: 2\r\n${VIA}\r\nok`,
    "open",
  ],
  [
    "with a latin1 value",
    GET,
    "HTTP/1.1 200 OK\r\nX: caf\xe9\r\nContent-Length: 2\r\n\r\nok",
    false,
    `HTTP/1.1 200 OK\r\nX: caf\xe9\r\nContent-Length: 2\r\n${VIA}\r\nok`,
    "open",
  ],
  [
    "with Connection: close",
    GET,
    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
    true,
    OK_SEEN,
    "open",
  ],
  [
    "with hop-by-hop fields",
    GET,
    "HTTP/1.1 200 OK\r\nConnection: X-A\r\nX-A: 1\r\nKeep-Alive: 5\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nok",
    false,
    OK_SEEN,
    "open",
  ],
  [
    "without a body, of length 0",
    GET,
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    false,
    `HTTP/1.1 200 OK\r\nContent-Length: 0\r\n${VIA}\r\n`,
    "open",
  ],
  [
    "with a length, to HTTP/1.0",
    GET10,
    OK,
    false,
    `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n${VIA}connection: close\r\n\r\nok`,
    "ended",
  ],
  [
    "with a length, to HTTP/1.0 that stays",
    GET10_KEEP,
    OK,
    false,
    `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n${VIA}connection: keep-alive\r\n\r\nok`,
    "open",
  ],
  [
    "chunked, to HTTP/1.0",
    GET10_KEEP,
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    false,
    `HTTP/1.1 200 OK\r\n${VIA}connection: close\r\n\r\nok`,
    "ended",
  ],
  [
    "to a caller that closes",
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    OK,
    false,
    `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n${VIA}connection: close\r\n\r\nok`,
    "ended",
  ],
  ["behind a 100", GET, `HTTP/1.1 100 Continue\r\n\r\n${OK}`, false, `HTTP/1.1 100 Continue\r\n\r\n${OK_SEEN}`, "open"],
  [
    "behind a 103",
    GET,
    `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}`,
    false,
    `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK_SEEN}`,
    "open",
  ],
  [
    "behind a 102 and a 103",
    GET,
    `HTTP/1.1 102 P\r\n\r\nHTTP/1.1 103 E\r\n\r\n${OK}`,
    false,
    `HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n${OK_SEEN}`,
    "open",
  ],
  [
    "behind a 103, to HTTP/1.0",
    GET10,
    `HTTP/1.1 103 Early Hints\r\n\r\n${OK}`,
    false,
    `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n${VIA}connection: close\r\n\r\nok`,
    "ended",
  ],
  ["followed by a byte too many", GET, `${OK}x`, false, OK_SEEN, "open"],
  [
    "shorter than its length",
    GET,
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhal",
    true,
    `HTTP/1.1 200 OK\r\nContent-Length: 5\r\n${VIA}\r\nhal`,
    "ended",
  ],
  [
    "chunked, without its last chunk",
    GET,
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n",
    true,
    `HTTP/1.1 200 OK\r\n${VIA}transfer-encoding: chunked\r\n\r\n2\r\nok\r\n`,
    "ended",
  ],
  [
    "chunked, with a broken size",
    GET,
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\nzz\r\n",
    false,
    `HTTP/1.1 200 OK\r\n${VIA}transfer-encoding: chunked\r\n\r\n2\r\nok\r\n`,
    "ended",
  ],
];

describe("an answer reaches the caller canonical:", () => {
  for (const [what, request, answer, closes, expected, state] of answers) {
    it(what, async () => {
      await using backend = await RawBackend.start((_seen, socket) => {
        if (closes) socket.end(answer, "latin1");
        return closes ? undefined : answer;
      });
      await using proxy = await Http1Proxy.start(backend.port);
      using caller = await RawCaller.connect(proxy.port);
      caller.send(request);
      await caller.until((now) => now.got.length >= expected.length && (state === "open" || now.state !== "open"));
      assert.equal(caller.got, expected);
      assert.equal(caller.state, state);
      assert.deepEqual(proxy.bugs, []);
    });
  }
});

/** Of a backend that the caller must not hear: [what, bytes, whether it closes then, code]. */
const brokenAnswers: readonly (readonly [string, string, boolean, string])[] = [
  ["nothing", "", true, "upstream.reset"],
  ["half a head", "HTTP/1.1 200 OK\r\nConte", true, "upstream.reset"],
  ["words", "hello\r\n\r\n", false, "upstream.malformed"],
  ["words that do not end", "hello", false, "upstream.malformed"],
  ["lone LFs", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok", false, "upstream.malformed"],
  ["a lone LF in a field", "HTTP/1.1 200 OK\r\nX: 1\nContent-Length: 2\r\n\r\nok", false, "upstream.malformed"],
  ["a CR in a value", "HTTP/1.1 200 OK\r\nX: 1\r2\r\nContent-Length: 2\r\n\r\nok", false, "upstream.malformed"],
  ["a NUL in a value", "HTTP/1.1 200 OK\r\nX: 1\0\r\nContent-Length: 2\r\n\r\nok", false, "upstream.malformed"],
  ["a folded field", "HTTP/1.1 200 OK\r\nX: 1\r\n 2\r\nContent-Length: 2\r\n\r\nok", false, "upstream.malformed"],
  ["a space before a colon", "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok", false, "upstream.malformed"],
  ["no colon", "HTTP/1.1 200 OK\r\nNoColon\r\nContent-Length: 2\r\n\r\nok", false, "upstream.malformed"],
  ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok", false, "upstream.malformed"],
  [
    "two equal lengths",
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
    false,
    "upstream.malformed",
  ],
  ["a list of lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok", false, "upstream.malformed"],
  ["a length that is no number", "HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\nok", false, "upstream.malformed"],
  ["a negative length", "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok", false, "upstream.malformed"],
  [
    "length and coding",
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    false,
    "upstream.malformed",
  ],
  [
    "gzip, chunked",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    false,
    "upstream.malformed",
  ],
  [
    "chunked twice",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    false,
    "upstream.malformed",
  ],
  [
    "chunked in HTTP/1.0",
    "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    false,
    "upstream.malformed",
  ],
  ["HTTP/1.2", "HTTP/1.2 200 OK\r\nContent-Length: 2\r\n\r\nok", false, "upstream.malformed"],
  ["HTTP/2", "HTTP/2 200\r\nContent-Length: 2\r\n\r\nok", false, "upstream.malformed"],
  ["a status of two digits", "HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\nok", false, "upstream.malformed"],
  ["a status of four digits", "HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\nok", false, "upstream.malformed"],
  ["a status below 100", "HTTP/1.1 099 OK\r\nContent-Length: 2\r\n\r\nok", false, "upstream.malformed"],
  ["a status with a letter", "HTTP/1.1 2x0 OK\r\nContent-Length: 2\r\n\r\nok", false, "upstream.malformed"],
  ["two spaces before the status", "HTTP/1.1  200 OK\r\nContent-Length: 2\r\n\r\nok", false, "upstream.malformed"],
  ["a control byte in the reason", "HTTP/1.1 200 O\x01K\r\nContent-Length: 2\r\n\r\nok", false, "upstream.malformed"],
  [
    "an empty line before the status line",
    "\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    false,
    "upstream.malformed",
  ],
  ["101", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", false, "upstream.malformed"],
  [
    "a head over the limit",
    `HTTP/1.1 200 OK\r\nX: ${repeat("a", 9000)}\r\nContent-Length: 2\r\n\r\nok`,
    false,
    "upstream.malformed",
  ],
  [
    "a head over the limit that does not end",
    `HTTP/1.1 200 OK\r\nX: ${repeat("a", 20_000)}`,
    false,
    "upstream.malformed",
  ],
  [
    "more fields than the limit",
    `HTTP/1.1 200 OK\r\n${fields(101)}Content-Length: 2\r\n\r\nok`,
    false,
    "upstream.malformed",
  ],
  ["interim answers without end", repeat("HTTP/1.1 103 E\r\n\r\n", 200), false, "upstream.malformed"],
];

describe("a caller gets 502 where its backend answers with", () => {
  for (const [what, answer, closes, code] of brokenAnswers) {
    it(what, async () => {
      await using backend = await RawBackend.start((_seen, socket) => {
        if (closes) socket.end(answer, "latin1");
        return closes ? undefined : answer;
      });
      await using proxy = await Http1Proxy.start(backend.port);
      using caller = await RawCaller.connect(proxy.port);
      caller.send(GET);
      await caller.until(({ got }) => got.includes(`linkspan-code: ${code}\r\n`));
      const messages = readResponses(caller.got, ["GET"], false);
      assert.match(messages.at(-1)?.line ?? "", /^HTTP\/1\.1 502 /);
      assert.equal(caller.state, "open", "the caller did nothing wrong");
      await caller.until(() => backend.gone === 1);
      assert.deepEqual(proxy.bugs, []);
    });
  }
});
