/** Answers that are malformed, each on its stream alone: the connection goes on (RFC 9113 §8). */
import { type Case, MALFORMED, play } from "../../fakes/h2-client-cases.ts";
import { data, headers } from "../../fakes/h2-frames.ts";
import { block, type Field } from "../../fakes/h2-hpack.ts";
import type { Request } from "../../fakes/h2-upstream-lab.ts";

const FLAW = "rst PROTOCOL_ERROR";
const OK: Field = [":status", "200"];

const head = (name: string, ...fields: readonly Field[]): Case => ({
  name,
  play: (server) => server.send(headers(1, block(...fields), { end: true })),
  caller: MALFORMED,
  sees: FLAW,
});

/** A head that is right, and a body that is not as it says. */
const body = (name: string, fields: readonly Field[], parts: readonly string[], ask: Request = {}): Case => ({
  name,
  ask,
  play: (server) => {
    const frames = parts.map((part, at) => data(1, part, { end: at === parts.length - 1 }));
    server.send(headers(1, block(OK, ...fields)), ...frames);
  },
  caller: [`200 broken ${MALFORMED}`, MALFORMED],
  sees: FLAW,
});

const right = (
  name: string,
  caller: string,
  fields: readonly Field[],
  parts: readonly string[],
  ask: Request = {},
): Case => ({
  ...body(name, fields, parts, ask),
  caller,
  sees: "goes on",
});

play("answers with a malformed head", [
  head("no :status", ["a", "b"]),
  head("an empty head"),
  head(":status twice", OK, OK),
  head(":status behind a field", ["a", "b"], OK),
  head(":status of two digits", [":status", "20"]),
  head(":status of four digits", [":status", "2000"]),
  head(":status that is empty", [":status", ""]),
  head(":status with a sign", [":status", "+20"]),
  head(":status of letters", [":status", "2xx"]),
  head(":status 099", [":status", "099"]),
  head(":status with a reason", [":status", "200 OK"]),
  head(":status 101", [":status", "101"]),
  head("an unknown pseudo field", OK, [":grpc", "1"]),
  head("a pseudo field of requests", OK, [":path", "/"]),
  head(":Status", [":Status", "200"]),
  head("a name in upper case", OK, ["X-Up", "1"]),
  head("an empty name", OK, ["", "1"]),
  head("a name with a space", OK, ["a b", "1"]),
  head("a name with a colon", OK, ["a:b", "1"]),
  head("a name that ends in a colon", OK, ["content-length:", "0"]),
  head("a name with CRLF", OK, ["a\r\nb", "1"]),
  head("a name with NUL", OK, ["a\0", "1"]),
  head("a name with a byte over 127", OK, ["caf\xe9", "1"]),
  head("a value with CR", OK, ["a", "b\rc"]),
  head("a value with LF", OK, ["a", "b\nc"]),
  head("a value with CRLF and a field", OK, ["a", "b\r\nset-cookie: x=y"]),
  head("a value with NUL", OK, ["a", "b\0c"]),
  head("a value that begins with a space", OK, ["a", " b"]),
  head("a value that ends with a tab", OK, ["a", "b\t"]),
  head("connection", OK, ["connection", "close"]),
  head("keep-alive", OK, ["keep-alive", "timeout=5"]),
  head("proxy-connection", OK, ["proxy-connection", "close"]),
  head("transfer-encoding", OK, ["transfer-encoding", "chunked"]),
  head("upgrade", OK, ["upgrade", "h2c"]),
]);

play("sends a body that is not as its head says", [
  body("shorter than content-length", [["content-length", "5"]], ["abc"]),
  body("longer than content-length", [["content-length", "3"]], ["ab", "cde"]),
  body("longer than content-length in one frame", [["content-length", "3"]], ["abcde"]),
  body("one byte behind content-length 0", [["content-length", "0"]], ["a"]),
  body("no byte of content-length 5", [["content-length", "5"]], [""]),
  head("no DATA for content-length 5", OK, ["content-length", "5"]),
  body(
    "two lengths that differ",
    [
      ["content-length", "2"],
      ["content-length", "3"],
    ],
    ["ab"],
  ),
  body("a list of lengths that differ", [["content-length", "2, 3"]], ["ab"]),
  body("a length with a sign", [["content-length", "+2"]], ["ab"]),
  body("a negative length", [["content-length", "-2"]], ["ab"]),
  body("a length in hex", [["content-length", "0x2"]], ["ab"]),
  body("an empty length", [["content-length", ""]], ["ab"]),
  body("a length with a space", [["content-length", "1 2"]], ["ab"]),
  body("a length with a point", [["content-length", "2.0"]], ["ab"]),
  body("a length over 2^64", [["content-length", "99999999999999999999"]], ["ab"]),
  body("a body for HEAD", [["content-length", "2"]], ["ab"], { method: "HEAD" }),
  right("no: several frames, and empty ones", '200 "abc"', [["content-length", "3"]], ["", "a", "", "bc", ""]),
  right("no: no length", '200 "abc"', [], ["abc"]),
  right("no: HEAD with a length", '200 ""', [["content-length", "5"]], [""], { method: "HEAD" }),
  {
    name: "no: HEAD with a length, all in HEADERS",
    ask: { method: "HEAD" },
    play: (server) => server.send(headers(1, block(OK, ["content-length", "7"]), { end: true })),
    caller: '200 ""',
    sees: "goes on",
  },
  {
    name: "no: 304 with a length",
    play: (server) => server.send(headers(1, block([":status", "304"], ["content-length", "7"]), { end: true })),
    caller: '304 ""',
    sees: "goes on",
  },
  {
    name: "with DATA behind 204",
    play: (server) => server.send(headers(1, block([":status", "204"])), data(1, "abc", { end: true })),
    caller: [`204 broken ${MALFORMED}`, MALFORMED],
    sees: FLAW,
  },
  {
    name: "with DATA behind 304",
    play: (server) => server.send(headers(1, block([":status", "304"])), data(1, "abc", { end: true })),
    caller: [`304 broken ${MALFORMED}`, MALFORMED],
    sees: FLAW,
  },
]);

const trailers = (name: string, ...fields: readonly Field[]): Case => ({
  name,
  play: (server) => server.send(headers(1, block(OK)), data(1, "ok"), headers(1, block(...fields), { end: true })),
  caller: `200 broken ${MALFORMED}`,
  sees: FLAW,
});

play("sends trailers that are malformed", [
  trailers("with :status", OK),
  trailers("with :path", [":path", "/"]),
  trailers("with an unknown pseudo field", [":x", "y"]),
  trailers("in upper case", ["X", "y"]),
  trailers("with connection", ["connection", "close"]),
  trailers("with transfer-encoding", ["transfer-encoding", "chunked"]),
  trailers("with CRLF", ["a", "b\r\nc: d"]),
  {
    name: "without END_STREAM",
    play: (server) => server.send(headers(1, block(OK)), data(1, "ok"), headers(1, block(["a", "b"]))),
    caller: `200 broken ${MALFORMED}`,
    sees: FLAW,
  },
  {
    name: "before content-length is reached",
    play: (server) => {
      server.send(
        headers(1, block(OK, ["content-length", "5"])),
        data(1, "ok"),
        headers(1, block(["a", "b"]), { end: true }),
      );
    },
    caller: `200 broken ${MALFORMED}`,
    sees: FLAW,
  },
  { ...trailers("no: they are right", ["grpc-status", "0"], ["x", ""]), caller: '200 "ok"', sees: "goes on" },
  {
    name: "no: right behind no DATA",
    play: (server) => server.send(headers(1, block(OK)), headers(1, block(["grpc-status", "0"]), { end: true })),
    caller: '200 ""',
    sees: "goes on",
  },
]);

play("sends interim answers", [
  {
    name: "that are right: 100, 103 and one that nobody knows",
    play: async (server, lab, asked) => {
      for (const status of ["100", "103", "199"]) server.send(headers(1, block([":status", status], ["link", "</a>"])));
      server.respond(1);
      if (asked) await lab.over(asked);
      if (asked?.interims.join() !== "100,103,199") throw new Error(`the caller heard ${asked?.interims.join()}`);
    },
    caller: '200 "ok"',
    sees: "goes on",
  },
  {
    name: "with END_STREAM",
    play: (server) => server.send(headers(1, block([":status", "103"]), { end: true })),
    caller: MALFORMED,
    sees: FLAW,
  },
  {
    name: "and DATA behind one",
    play: (server) => server.send(headers(1, block([":status", "100"])), data(1, "x", { end: true })),
    caller: MALFORMED,
    sees: FLAW,
  },
  {
    name: "with a malformed field",
    play: (server) => server.send(headers(1, block([":status", "103"], ["connection", "x"]))),
    caller: MALFORMED,
    sees: FLAW,
  },
  {
    name: "and none else: DATA before any head",
    play: (server) => server.send(data(1, "x", { end: true })),
    caller: MALFORMED,
    sees: FLAW,
  },
]);
