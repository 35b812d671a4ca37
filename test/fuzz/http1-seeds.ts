/** Where the fuzzer of HTTP/1 starts from. */
import { topics } from "../conformance/corpus/all.ts";

const KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";

/** Good requests, which lead further than the ones of the corpus. */
const good: readonly string[] = [
  "GET /a HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nx-b:2\r\n\r\n",
  "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3;x=y\r\nabc\r\n0\r\nX-T: 1\r\n\r\n",
  "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\nHost: a\r\n\r\n",
  "POST /a HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello",
  "HEAD /h HTTP/1.1\r\nHost: a\r\n\r\nGET /i HTTP/1.1\r\nHost: a\r\n\r\n",
  `GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${KEY}\r\n\r\n\x81\x05hello`,
  "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n\x16\x03\x01",
  "POST /e HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
];

export const requestSeeds: readonly string[] = [
  ...Array.from({ length: 60 }, () => good).flat(),
  ...Object.values(topics)
    .flat()
    .map(({ bytes }) => bytes)
    .filter((bytes) => bytes.length < 2000),
];

export const chunkSeeds: readonly string[] = requestSeeds
  .filter((seed) => seed.includes("chunked\r\n\r\n"))
  .map((seed) => seed.slice(seed.indexOf("\r\n\r\n") + 4));

export const answerSeeds: readonly string[] = [
  "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A:1\r\n\r\nhello",
  "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3;x=y\r\nabc\r\n0\r\nX-T: 1\r\n\r\n",
  "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello",
  "HTTP/1.1 200 OK\r\nConnection: close, x-a\r\nX-A: 1\r\n\r\nhello",
  "HTTP/1.1 103 Early\r\nLink: a\r\n\r\nHTTP/1.1 204 No Content\r\nX: 1\r\n\r\n",
  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno",
  'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nETag: "x"\r\n\r\n',
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n\x81\x05hello",
  "HTTP/1.1 200 Connection established\r\n\r\n\x16\x03\x01",
];

export const dictionary: readonly string[] = [
  ..."\r\n\0\t :;,\"'\\/?#%[]{}<>=@\x01\x0b\x0c\x1b\x7f\x80\x85\xa0\xff0159aAfFxX+-_*",
  "\r\n",
  "\r\n\r\n",
  "\n\n",
  "\r\n ",
  "0\r\n\r\n",
  "5\r\nhello\r\n",
  "\r\nContent-Length: 5",
  "\r\nContent-Length: 0",
  "\r\nContent-Length : 5",
  "\r\nTransfer-Encoding: chunked",
  "\r\nTransfer-Encoding:\x0bchunked",
  "\r\nTransfer-Encoding: identity, chunked",
  "\r\nHost: b",
  "\r\nConnection: close",
  "\r\nConnection: content-length, host, upgrade",
  "\r\nConnection: Upgrade\r\nUpgrade: websocket",
  `\r\n${KEY}`,
  "\r\nUpgrade: h2c",
  "\r\nExpect: 100-continue",
  " HTTP/1.1",
  " HTTP/1.0",
  "http://b/",
  "CONNECT a:80",
  "HEAD",
  "GET /evil HTTP/1.1\r\nHost: a\r\n\r\n",
  "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
  "HTTP/1.1 103 E\r\n\r\n",
  "HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
  "a".repeat(300),
  "X: y\r\n".repeat(60),
  "9".repeat(20),
  "ffffffffffffffff",
];
