/** Requests that a backend sees, and how. */
import { VIA, repeat, fields } from "./messages.ts";

/** What goes through, and in which form: [what, bytes, what the backend sees]. */
export const passed: readonly (readonly [string, string, string])[] = [
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
