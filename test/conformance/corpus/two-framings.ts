/** Content-Length and Transfer-Encoding in one request: who believes which of them is what smuggling lives on. */
import { type Case, EVIL, post, refused } from "./case.ts";

const lengths = [
  "Content-Length: 0",
  "Content-Length: 5",
  "Content-Length: 51",
  "content-length:\t5",
  "Content-Length: 999999",
];

const codings = [
  "Transfer-Encoding: chunked",
  "transfer-encoding: CHUNKED",
  "Transfer-Encoding:chunked",
  "Transfer-Encoding: identity",
  "Transfer-Encoding: gzip, chunked",
  "Transfer-Encoding: xchunked",
  "Transfer-Encoding: ",
  "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
];

/** Read by its chunks the body is empty, and a request follows; read by a length of 51 that request is its body. */
const body = `0\r\n\r\n${EVIL}`;

const pairs = lengths.flatMap((length) =>
  codings.flatMap((coding): Case[] => [
    refused(`${JSON.stringify(length)}, then ${JSON.stringify(coding)}`, post([length, coding], body)),
    refused(`${JSON.stringify(coding)}, then ${JSON.stringify(length)}`, post([coding, length], body)),
  ]),
);

const apart: readonly Case[] = [
  refused(
    "a length, fields, then a coding",
    post(["Content-Length: 5", "X: 1", "Y: 2", "Transfer-Encoding: chunked"], body),
  ),
  refused(
    "a length between two codings",
    post(["Transfer-Encoding: x", "Content-Length: 5", "Transfer-Encoding: chunked"], body),
  ),
  refused(
    "a coding between two lengths",
    post(["Content-Length: 5", "Transfer-Encoding: chunked", "Content-Length: 5"], body),
  ),
  refused(
    "a length that Connection names, and a coding",
    post(["Connection: content-length", "Content-Length: 5", "Transfer-Encoding: chunked"], body),
  ),
  refused(
    "a coding that Connection names, and a length",
    post(["Connection: transfer-encoding", "Content-Length: 5", "Transfer-Encoding: chunked"], body),
  ),
  refused(
    "a length with a space before its colon, and a coding",
    post(["Content-Length : 5", "Transfer-Encoding: chunked"], body),
  ),
  refused(
    "a length, and a coding with a space before its colon",
    post(["Content-Length: 5", "Transfer-Encoding : chunked"], body),
  ),
  refused(
    "a length, and a coding on a folded line",
    post(["Content-Length: 5", "X: y\r\n Transfer-Encoding: chunked"], body),
  ),
  refused(
    "a length, and a coding whose value is folded",
    post(["Content-Length: 5", "Transfer-Encoding:\r\n chunked"], body),
  ),
  refused(
    "a length, and a coding behind a bare LF",
    post(["Content-Length: 5", "X: y\nTransfer-Encoding: chunked"], body),
  ),
  refused(
    "a length, and a coding behind a bare CR",
    post(["Content-Length: 5", "X: y\rTransfer-Encoding: chunked"], body),
  ),
  refused(
    "a length, and a coding with a NUL in its name",
    post(["Content-Length: 5", "Transfer\0-Encoding: chunked"], body),
  ),
  refused(
    "a GET with a length and a coding",
    post(["Content-Length: 5", "Transfer-Encoding: chunked"], body).replace("POST", "GET"),
  ),
  refused(
    "HTTP/1.0 with a length and a coding",
    post(["Content-Length: 5", "Transfer-Encoding: chunked"], body).replace("1.1", "1.0"),
  ),
];

export const twoFramings: readonly Case[] = [...pairs, ...apart];
