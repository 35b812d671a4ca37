/** Blocks of fields that break HPACK, or use all of it (RFC 7541). */
import { play, MALFORMED, RESET, type Case } from "../../fakes/h2-client-cases.ts";
import { continuation, data, headers, S, settings } from "../../fakes/h2-frames.ts";
import { block, indexed, integer, literal, sizeUpdate, text } from "../../fakes/h2-hpack.ts";
import { huffmanEncode, huffmanWithEos } from "../../fakes/h2-huffman.ts";

const OK = indexed(8);
const coded = (bytes: Buffer): Buffer => Buffer.concat([integer(bytes.length, 7, 128), bytes]);
const named = (value: Buffer): Buffer => Buffer.concat([OK, Buffer.of(0), text("x"), value]);

const wrong = (name: string, ...parts: readonly Buffer[]): Case => ({
  name,
  play: (server) => server.send(headers(1, Buffer.concat(parts), { end: true })),
  caller: [MALFORMED, RESET],
  sees: "goaway COMPRESSION_ERROR",
});

play("sends a block that HPACK does not allow", [
  wrong("index 0", OK, indexed(0)),
  wrong("an index beyond both tables", OK, indexed(62)),
  wrong("an index far beyond", OK, indexed(2 ** 20)),
  wrong("a name by an index beyond", OK, literal(70, "x", "added")),
  wrong("a name by an index beyond, not added", OK, literal(70, "x")),
  wrong("an integer without an end", OK, Buffer.of(255)),
  wrong("an integer that goes on", OK, Buffer.of(255, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 1)),
  wrong("an integer over 2^32", OK, Buffer.of(255, 255, 255, 255, 255, 255, 15)),
  wrong("a string beyond the block", OK, Buffer.of(0), text("x"), integer(50, 7), Buffer.from("short")),
  wrong("a name beyond the block", OK, Buffer.of(0), integer(2 ** 24, 7), Buffer.from("short")),
  wrong("a literal without a value", OK, Buffer.of(0), text("x")),
  wrong("a literal of its first byte alone", OK, Buffer.of(64)),
  wrong("EOS in a value", named(coded(huffmanWithEos("ab")))),
  wrong("EOS in a name", OK, Buffer.of(0), coded(huffmanWithEos("ab")), text("y")),
  wrong("Huffman padding of zeros", named(coded(huffmanEncode("a", "0")))),
  wrong("Huffman padding of a whole byte", named(coded(Buffer.concat([huffmanEncode("a"), Buffer.of(255)])))),
  wrong("Huffman padding of nothing else", named(coded(Buffer.of(255)))),
  wrong("a size update behind a field", OK, sizeUpdate(0)),
  wrong("a size update between fields", OK, sizeUpdate(100), literal("a", "b")),
  wrong("a size update over the limit", sizeUpdate(4097), OK),
  wrong("a size update far over the limit", sizeUpdate(2 ** 30), OK),
  wrong(
    "an index that was evicted",
    sizeUpdate(40),
    OK,
    literal("a", "b", "added"),
    literal("c", "d", "added"),
    indexed(63),
  ),
  wrong("an index behind a size update to 0", OK, literal("a", "b", "added"), indexed(62), Buffer.of(0x3f)),
  {
    name: "in trailers",
    play: (server) => server.send(headers(1, OK), data(1, "x"), headers(1, indexed(0), { end: true })),
    caller: [`200 broken ${MALFORMED}`, `200 broken ${RESET}`],
    sees: "goaway COMPRESSION_ERROR",
  },
  {
    name: "in a block of two frames",
    play: (server) =>
      server.send(
        headers(1, Buffer.of(136, 255), { whole: false }),
        continuation(1, Buffer.of(255, 255, 255, 255, 255, 127)),
      ),
    caller: [MALFORMED, RESET],
    sees: "goaway COMPRESSION_ERROR",
  },
]);

/** Two answers, of which the second leans on what the first has left in the table. */
const inStep = (
  name: string,
  first: readonly Buffer[],
  second: readonly Buffer[],
  has: readonly [string, string],
  own: Case["own"] = {},
): Case => ({
  name,
  own,
  play: async (server, lab, asked) => {
    server.send(headers(1, Buffer.concat(first), { end: true }));
    if (asked) await lab.over(asked);
    const next = lab.ask();
    const stream = await server.nextRequest();
    server.send(headers(stream.id, Buffer.concat(second), { end: true }));
    await lab.over(next);
    if (next.x.response.headers.get(has[0]) !== has[1])
      throw new Error(`${next.outcome}: no ${has.join()}; ${server.log()}`);
  },
  sees: ["goes on", "rst PROTOCOL_ERROR"],
});

play("uses HPACK to the full", [
  inStep(
    "a field that is added and said again by its index",
    [OK, literal("x-a", "1", "added")],
    [OK, indexed(62)],
    ["x-a", "1"],
  ),
  inStep(
    "a name by its index, with another value",
    [OK, literal("x-a", "1", "added")],
    [OK, literal(62, "2")],
    ["x-a", "2"],
  ),
  inStep(
    "a field by Huffman's code",
    [OK],
    [OK, literal("x-long", "~!@#$%^&*()_+ abc \xff\x80", "added", true)],
    ["x-long", "~!@#$%^&*()_+ abc \xff\x80"],
  ),
  inStep(
    "a table of size 0, and one of 4096 again",
    [sizeUpdate(0), sizeUpdate(4096), OK, literal("x-a", "1", "added")],
    [OK, indexed(62)],
    ["x-a", "1"],
  ),
  inStep(
    "a field larger than the table, which empties it",
    [OK, literal("x-a", "1", "added"), literal("x-b", "b".repeat(4100), "added")],
    [OK, literal("x-a", "2", "added"), indexed(62)],
    ["x-a", "2"],
  ),
  inStep(
    "a field whose name is evicted as it is added",
    [sizeUpdate(80), OK, literal("x-a", "1".repeat(40), "added"), literal(62, "2".repeat(40), "added")],
    [OK, indexed(62)],
    ["x-a", "2".repeat(40)],
  ),
  inStep(
    "fields that are never to be indexed",
    [OK, literal("x-a", "secret", "never"), literal("x-b", "1", "added")],
    [OK, indexed(62)],
    ["x-b", "1"],
  ),
  inStep(
    "fields in an answer that is too large",
    [OK, literal("x-a", "1", "added"), literal("x-big", "b".repeat(9000))],
    [OK, indexed(62)],
    ["x-a", "1"],
    { maxHeaderListBytes: 8192 },
  ),
  inStep("fields in an answer that is malformed", [literal("x-a", "1", "added")], [OK, indexed(62)], ["x-a", "1"]),
  inStep(
    "fields behind one that is malformed",
    [OK, literal("X-Bad", "1"), literal("x-a", "1", "added")],
    [OK, indexed(62)],
    ["x-a", "1"],
  ),
  inStep(
    "an empty table where linkspan allows none",
    [OK, literal("x-a", "1", "added")],
    [OK, literal("x-b", "2")],
    ["x-b", "2"],
    { headerTableBytes: 4096 },
  ),
  {
    name: "a table of 0 that linkspan asks for, and a field that is added nonetheless",
    own: { headerTableBytes: 0 },
    play: (server) =>
      server.send(
        headers(1, Buffer.concat([sizeUpdate(0), OK, literal("x", "y", "added"), indexed(62)]), { end: true }),
      ),
    caller: [MALFORMED, RESET],
    sees: "goaway COMPRESSION_ERROR",
  },
  {
    name: "an answer on a stream that was given up, whose fields are said again by their index",
    play: async (server, lab, asked) => {
      asked?.x.abandon();
      await server.until("RST_STREAM", () => server.stream(1).reset !== undefined);
      server.send(headers(1, Buffer.concat([OK, literal("x-a", "late", "added")]), { end: true }));
      const next = lab.ask();
      const stream = await server.nextRequest();
      server.send(headers(stream.id, Buffer.concat([OK, indexed(62)]), { end: true }));
      await lab.over(next);
      if (next.x.response.headers.get("x-a") !== "late") throw new Error(`out of step: ${next.outcome}`);
    },
    sees: ["goes on"],
  },
  ...[0, 1, 100, 4096, 65_536].map((size): Case => ({
    name: `a table of ${size} for the requests, said in SETTINGS`,
    says: [[S.HEADER_TABLE_SIZE, size]],
    play: async (server, lab) => {
      await server.barrier();
      for (let at = 0; at < 20; at++) {
        const next = lab.ask({
          fields: [
            ["x-same", "always"],
            ["x-other", String(at % 3)],
            ["user-agent", "u".repeat(at * 30)],
          ],
        });
        const stream = await server.nextRequest();
        server.respond(stream.id);
        await lab.over(next);
      }
    },
    sees: "goes on",
  })),
  {
    name: "a table for the requests that shrinks and grows between them",
    play: async (server, lab) => {
      for (const size of [4096, 0, 4096, 50, 200, 0, 0, 10_000, 1]) {
        server.send(settings([S.HEADER_TABLE_SIZE, 0]), settings([S.HEADER_TABLE_SIZE, size]));
        await server.barrier();
        for (let at = 0; at < 3; at++) {
          const next = lab.ask({ fields: [["x-same", "always"]] });
          const stream = await server.nextRequest();
          server.respond(stream.id);
          await lab.over(next);
        }
      }
    },
    sees: "goes on",
  },
]);

play("sends heads that are too large", [
  {
    name: "over the limit in one field",
    play: (server) => server.send(headers(1, Buffer.concat([OK, literal("a", "b".repeat(8192))]), { end: true })),
    caller: MALFORMED,
    sees: ["rst CANCEL", "rst PROTOCOL_ERROR", "rst ENHANCE_YOUR_CALM", "goes on"],
  },
  {
    name: "over the limit in small fields",
    play: (server) =>
      server.send(
        headers(1, Buffer.concat([OK, ...Array.from({ length: 300 }, () => literal("a", ""))]), { end: true }),
      ),
    caller: MALFORMED,
    sees: ["rst CANCEL", "rst PROTOCOL_ERROR", "rst ENHANCE_YOUR_CALM", "goes on"],
  },
  {
    name: "a bomb: one large field that is said again and again",
    play: (server) => {
      const bomb = Buffer.concat([OK, literal("a", "b".repeat(4000), "added"), Buffer.alloc(12_000, indexed(62))]);
      server.send(headers(1, bomb, { end: true }));
    },
    caller: [MALFORMED, RESET],
    sees: [
      "rst CANCEL",
      "rst PROTOCOL_ERROR",
      "rst ENHANCE_YOUR_CALM",
      "goes on",
      "goaway ENHANCE_YOUR_CALM",
      "goaway COMPRESSION_ERROR",
    ],
  },
  {
    name: "in CONTINUATION without end",
    play: (server) => {
      server.send(headers(1, OK, { whole: false }));
      for (let at = 0; at < 64; at++) server.send(continuation(1, block(["x", "y".repeat(8000)]), false));
    },
    caller: [MALFORMED, RESET],
    sees: ["goaway ENHANCE_YOUR_CALM", "goaway COMPRESSION_ERROR", "goaway PROTOCOL_ERROR"],
  },
]);
