/** Chunk sizes, extensions, ends and trailers. */
import { type Case, chunked, EVIL, passed, refused } from "./case.ts";

const LAST = "0\r\n\r\n";
const EVIL_SIZE = EVIL.length.toString(16);

const sizes = [
  "",
  " 5",
  "5\t",
  "\t5",
  "+5",
  "-5",
  "-0",
  "0x5",
  "0X5",
  "x5",
  "5h",
  "h5",
  "5.0",
  "5,5",
  "5_0",
  "g",
  "\x005",
  "\xb5",
  "%35",
  '"5"',
  "5 5",
  "10000000000005",
  "ffffffffffffffff",
  "fffffffffffffffb",
  "10000000000000005",
  "100000000000000000005",
  `${"0".repeat(14)}5`,
  "5\x0b",
  "5\x0c",
  "five",
  "(5)",
  "5:",
  "5=",
];

const sizeEnds = ["\n", "\r", "\r\r\n", "\n\r", "\r \n", " \r\n", "\x0b\n", "\0\r\n", "\r\0\n"];
const dataEnds = ["", "\n", "\r", "\n\r", "X\r\n", " \r\n", "\r\r\n", "\0\r\n", "\r\nX"];
const extensions = [
  ";a\n",
  ";a=b\n",
  ";a\r",
  ";a\0\r\n",
  ";a=\x01\r\n",
  ";a\x7f\r\n",
  ";\n",
  `;${"a".repeat(17_000)}\r\n`,
  ';a="b\n"\r\n',
  ';a="b\r\n"',
  ";a\rb\r\n",
];
const trailers = [
  "X: 1\n",
  "X : 1\r\n",
  " X: 1\r\n",
  "X\r\n",
  ": 1\r\n",
  "X: 1\r\n 2\r\n",
  "X: a\rb\r\n",
  "X: a\0b\r\n",
  "X\0: 1\r\n",
  "X: 1\r",
  "\n",
  "GET /evil HTTP/1.1\r\n",
  "X\x80: 1\r\n",
];

const forbidden = [
  "Content-Length: 40",
  "Transfer-Encoding: chunked",
  "Host: evil",
  "Connection: close",
  "Upgrade: h2c",
  "Content-Encoding: gzip",
  "Authorization: x",
  "Trailer: X",
  "Expect: 100-continue",
];

export const chunks: readonly Case[] = [
  ...sizes.map((size) => refused(`a chunk size of ${JSON.stringify(size)}`, chunked(`${size}\r\nhello\r\n${LAST}`))),
  ...sizeEnds.map((end) =>
    refused(`a chunk size that ends in ${JSON.stringify(end)}`, chunked(`5${end}hello\r\n${LAST}`)),
  ),
  ...dataEnds.map((end) => refused(`a chunk that ends in ${JSON.stringify(end)}`, chunked(`5\r\nhello${end}${LAST}`))),
  ...extensions.map((extension) =>
    refused(`a chunk extension ${JSON.stringify(extension.slice(0, 20))}`, chunked(`5${extension}hello\r\n${LAST}`)),
  ),
  ...trailers.map((trailer) => refused(`a trailer ${JSON.stringify(trailer)}`, chunked(`0\r\n${trailer}\r\n`), 400)),
  ...forbidden.map((trailer) =>
    passed(
      `a trailer that may not be one, ${trailer}`,
      chunked(`5\r\nhello\r\n0\r\n${trailer}\r\nX: 1\r\n\r\n`),
      "POST / chunked hello +X: 1",
    ),
  ),
  refused("a size with a request behind a bare LF", chunked(`${EVIL_SIZE}\n${EVIL}\r\n${LAST}`)),
  refused("a chunk that is longer than its size", chunked(`5\r\nhello!\r\n${LAST}`)),
  refused("a chunk that is shorter than its size", chunked(`6\r\nhello\r\n${LAST}`)),
  refused("a last chunk that ends in LFs", chunked("0\n\n")),
  refused("a last chunk that ends in CRs", chunked("0\r\r")),
  refused("more trailers than the limit", chunked(`0\r\n${"X: 1\r\n".repeat(101)}\r\n`), 431),
  refused("larger trailers than the limit", chunked(`0\r\nX: ${"x".repeat(9000)}\r\n\r\n`), 431),
  refused("extensions that are too large together", chunked(`${`1;${"a".repeat(4000)}\r\nx\r\n`.repeat(5)}${LAST}`)),
  passed("capital digits", chunked(`0A\r\n0123456789\r\n${LAST}`), "POST / chunked 0123456789"),
  passed("a size with zeros before it", chunked(`0000005\r\nhello\r\n${LAST}`), "POST / chunked hello"),
  passed("several zeros in the last chunk", chunked("5\r\nhello\r\n000\r\n\r\n"), "POST / chunked hello"),
  passed("an extension", chunked(`5;a\r\nhello\r\n${LAST}`), "POST / chunked hello"),
  passed("an extension that is a size", chunked(`5;6\r\nhello\r\n${LAST}`), "POST / chunked hello"),
  passed("an empty extension", chunked(`5;\r\nhello\r\n${LAST}`), "POST / chunked hello"),
  passed("a quoted extension", chunked(`5;a="b;c=\\"d\\""\r\nhello\r\n${LAST}`), "POST / chunked hello"),
  passed("an extension with an open quote", chunked(`5;a="b\r\nhello\r\n${LAST}`), "POST / chunked hello"),
  passed("an extension of the last chunk", chunked("5\r\nhello\r\n0;a=b\r\n\r\n"), "POST / chunked hello"),
  passed("an empty body before a request", chunked(`${LAST}${EVIL}`), "POST / chunked ", "GET /evil"),
  passed("data that looks like an end", chunked(`7\r\n0\r\n\r\nGE\r\n${LAST}`), "POST / chunked 0\r\n\r\nGE"),
  passed(
    "a trailer that looks like a request line with a colon",
    chunked("0\r\nGET: /evil HTTP/1.1\r\n\r\n"),
    "POST / chunked  +GET: /evil HTTP/1.1",
  ),
];
