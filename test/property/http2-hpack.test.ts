/** The laws of header blocks: what is written is read, by us and by others; no bytes break the reader, and it agrees with a strict one. */
import assert from "node:assert/strict";
import http2 from "node:http2";
import net from "node:net";
import { describe, it } from "node:test";
import fc from "fast-check";
import { HpackDecoder } from "../../src/http2/hpack-decoder.ts";
import { HpackEncoder } from "../../src/http2/hpack-encoder.ts";
import { decodedBound, decodeHuffman } from "../../src/http2/huffman.ts";
import { seededRandom } from "../../src/testing/seeded-random.ts";
import { frame, PREFACE } from "../fakes/h2-frames.ts";
import { BadBlock, indexed, literal, sizeUpdate, StrictDecoder } from "../fakes/h2-hpack.ts";
import { huffmanDecode, huffmanEncode } from "../fakes/h2-huffman.ts";
import { Collected, encoded, type Field } from "../fakes/header-blocks.ts";

const SEED = Number(process.env["LINKSPAN_SEED"] ?? 7541);
const UNBOUNDED = 2 ** 30;

const name = fc.oneof(
  fc.constantFrom(
    ":path",
    ":status",
    ":method",
    "cookie",
    "date",
    "authorization",
    "x-a",
    "x-b",
    "server",
    "te",
    "vary",
  ),
  fc.stringMatching(/^[a-z0-9!#$%&'*+.^_`|~-]{1,20}$/),
);
const value = fc.oneof(
  fc.constantFrom("", "200", "GET", "/", "gzip, deflate", "a"),
  fc.stringMatching(/^[\x20-\x7e\x80-\xff]{0,60}$/),
  fc.integer({ min: 100, max: 5000 }).map((length) => "long".repeat(length).slice(0, length)),
);
const field = fc.tuple(name, value);

/** What `read` gives, or "error" where it throws what a strict reader throws. */
function attempt<T>(read: () => T): T | "error" {
  try {
    return read();
  } catch (error) {
    if (error instanceof BadBlock) return "error";
    throw error;
  }
}

function readBy(decoder: HpackDecoder, block: Buffer): [string, string][] | "error" {
  const sink = new Collected();
  const flaw = decoder.decode(block, 0, block.length, sink);
  assert.notEqual(flaw, "too-large");
  return flaw === undefined ? sink.fields : "error";
}

describe("a header block", () => {
  const block = fc.record({
    limits: fc.array(fc.constantFrom(0, 40, 100, 300, 4096, 70_000), { maxLength: 3 }),
    fields: fc.array(field, { maxLength: 12 }),
  });

  it("is read as it was written, however the peer sizes the table between two", () => {
    fc.assert(
      fc.property(fc.constantFrom(0, 64, 1000, 4096), fc.array(block, { maxLength: 12 }), (first, blocks) => {
        const encoder = new HpackEncoder(first);
        const [strict, ours] = [new StrictDecoder(), new HpackDecoder(70_000, UNBOUNDED)];
        for (const { limits, fields } of blocks) {
          for (const limit of limits) {
            encoder.limit(limit);
            strict.allow(limit);
          }
          const bytes = encoded(encoder, fields);
          assert.deepEqual(strict.decode(bytes), fields);
          assert.deepEqual(readBy(ours, bytes), fields);
        }
      }),
      { seed: SEED, numRuns: 400 },
    );
  });

  /** Any block, right or wrong, made of whole parts. */
  const part = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 80 }).map((at) => indexed(at)) },
    {
      weight: 6,
      arbitrary: fc
        .tuple(
          fc.oneof(name, fc.integer({ min: 1, max: 75 })),
          value,
          fc.constantFrom("added" as const, "plain" as const, "never" as const),
          fc.boolean(),
        )
        .map(([of, text, kind, isCoded]) => literal(of, text, kind, isCoded)),
    },
    { weight: 1, arbitrary: fc.constantFrom(0, 40, 100, 4096, 5000).map((size) => sizeUpdate(size)) },
  );

  it("of any form is read as a strict reader reads it", () => {
    fc.assert(
      fc.property(fc.array(fc.array(part, { maxLength: 8 }), { maxLength: 10 }), (blocks) => {
        const [strict, ours] = [new StrictDecoder(), new HpackDecoder(4096, UNBOUNDED)];
        for (const parts of blocks) {
          const bytes = Buffer.concat(parts);
          const expected = attempt(() => strict.decode(bytes));
          // Three updates of the size are more than RFC 7541 §4.2 allows.
          const isPadded = parts.slice(0, 3).filter((each) => ((each[0] ?? 0) & 0xe0) === 0x20).length === 3;
          const read = readBy(ours, bytes);
          if (isPadded && read === "error") return;
          assert.deepEqual(read, expected);
          if (expected === "error") return;
        }
      }),
      { seed: SEED, numRuns: 1500 },
    );
  });

  it("of any bytes is read, or is an error", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }), (blocks) => {
        const decoder = new HpackDecoder(4096, 65_536);
        for (const bytes of blocks) {
          const result = decoder.decode(Buffer.from(bytes), 0, bytes.length, new Collected());
          assert.ok(result === undefined || result === "compression" || result === "too-large");
        }
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });

  it("that was changed in some bytes is read as a strict reader reads it", () => {
    const random = seededRandom(SEED);
    const below = (limit: number): number => Math.floor(random.next() * limit);
    const names = [":path", ":status", "cookie", "x-a", "x-bb", "server"];
    for (let round = 0; round < 4000; round++) {
      const [strict, ours] = [new StrictDecoder(), new HpackDecoder(4096, UNBOUNDED)];
      for (let count = 0; count < 3; count++) {
        const whole = Buffer.concat(
          Array.from({ length: 1 + below(6) }, () =>
            literal(
              names[below(6)] ?? "",
              "v".repeat(below(40)),
              (["added", "plain", "never"] as const)[below(3)],
              below(2) === 0,
            ),
          ),
        );
        for (let left = below(3); left > 0; left--) whole[below(whole.length)] = below(256);
        const bytes = below(5) === 0 ? whole.subarray(0, below(whole.length)) : whole;
        const read = readBy(ours, bytes);
        const expected = attempt(() => strict.decode(bytes));
        if (JSON.stringify(read) !== JSON.stringify(expected)) assert.equal(read, "error", `round ${round}`);
        if (read === "error" || expected === "error") break;
      }
    }
  });
});

describe("Huffman's code", () => {
  const out = Buffer.alloc(4096);

  it("is read as it was written", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = Buffer.from(bytes).toString("latin1");
        const code = huffmanEncode(text);
        assert.equal(out.toString("latin1", 0, decodeHuffman(code, 0, code.length, out)), text);
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });

  it("of any bytes is read as a strict reader reads it", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const length = decodeHuffman(bytes, 0, bytes.length, out);
        let expected: string | undefined;
        try {
          expected = huffmanDecode(bytes);
        } catch {
          expected = undefined;
        }
        assert.equal(length < 0 ? undefined : out.toString("latin1", 0, length), expected);
        assert.ok(length <= decodedBound(bytes.length));
      }),
      { seed: SEED, numRuns: 4000 },
    );
  });
});

/** Requests whose fields are sometimes the same, and sometimes not. */
function requestsOf(count: number, authority: string): Field[][] {
  const random = seededRandom(SEED);
  const below = (limit: number): number => Math.floor(random.next() * limit);
  return Array.from({ length: count }, (_, index) => [
    [":method", below(3) === 0 ? "PATCH" : "GET"],
    [":scheme", "http"],
    [":authority", authority],
    [":path", below(3) === 0 ? "/" : `/${index}`],
    ["user-agent", `agent/${below(3)}`],
    ["x-letters", String.fromCharCode(33 + below(90)).repeat(below(200))],
    [`x-name-${below(40)}`, "v"],
    ["authorization", `secret ${below(5)}`],
  ]);
}

describe("node:http2", () => {
  it("reads what is written here", { timeout: 20_000 }, async () => {
    const server = http2.createServer();
    const read: Record<string, unknown>[] = [];
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const requests = requestsOf(300, "h");
    server.on("stream", (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => {
      const secrets: unknown = Reflect.get(headers, http2.sensitiveHeaders);
      read.push({ ...Object.fromEntries(Object.entries(headers)), secrets });
      stream.respond({ ":status": 204 }, { endStream: true });
      if (read.length === requests.length) resolve();
    });
    server.on("sessionError", reject);
    await new Promise<void>((listening) => {
      server.listen(0, "127.0.0.1", listening);
    });
    const socket = net.connect((server.address() as net.AddressInfo).port, "127.0.0.1");
    socket.on("close", () => reject(new Error("the server closed the connection")));
    socket.on("error", reject);
    socket.resume();
    socket.write(Buffer.concat([Buffer.from(PREFACE), frame(4, 0, 0)]));
    const encoder = new HpackEncoder();
    for (const [index, fields] of requests.entries()) {
      if (index % 50 === 49) for (const size of [index, 4096 - index]) encoder.limit(size);
      socket.write(frame(1, 5, index * 2 + 1, encoded(encoder, fields)));
    }
    try {
      await promise;
      for (const [index, fields] of requests.entries()) {
        assert.deepEqual({ ...read[index] }, { ...Object.fromEntries(fields), secrets: ["authorization"] });
      }
    } finally {
      socket.removeAllListeners("close").destroy();
      await new Promise<void>((closed) => {
        server.close(() => closed());
      });
    }
  });

  it("writes what is read here", { timeout: 20_000 }, async () => {
    const blocks: Buffer[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const server = net.createServer((socket) => {
      let bytes = Buffer.alloc(0);
      let at = 24;
      socket.on("error", () => undefined);
      socket.write(frame(4, 0, 0, Buffer.from([0, 3, 0, 0, 4, 0])));
      socket.on("data", (chunk: Buffer) => {
        bytes = Buffer.concat([bytes, chunk]);
        while (at + 9 <= bytes.length && at + 9 + bytes.readUIntBE(at, 3) <= bytes.length) {
          const end = at + 9 + bytes.readUIntBE(at, 3);
          if (bytes[at + 3] === 4 && bytes[at + 4] === 0) socket.write(frame(4, 1, 0));
          if (bytes[at + 3] === 1) blocks.push(bytes.subarray(at + 9 + ((bytes[at + 4] ?? 0) & 32 ? 5 : 0), end));
          at = end;
        }
        if (blocks.length === 200) resolve();
      });
    });
    await new Promise<void>((listening) => {
      server.listen(0, "127.0.0.1", listening);
    });
    const client = http2.connect(`http://127.0.0.1:${(server.address() as net.AddressInfo).port}`);
    client.on("error", () => undefined);
    const requests = requestsOf(200, "h");
    try {
      for (const fields of requests)
        client.request(Object.fromEntries(fields), { endStream: true }).on("error", () => undefined);
      await promise;
      const decoder = new HpackDecoder(4096, UNBOUNDED);
      for (const [index, block] of blocks.entries()) {
        const fields = readBy(decoder, block);
        assert.notEqual(fields, "error");
        assert.deepEqual(
          Object.fromEntries(fields === "error" ? [] : fields),
          Object.fromEntries(requests[index] ?? []),
        );
      }
    } finally {
      client.destroy();
      await new Promise<void>((closed) => {
        server.close(() => closed());
      });
    }
  });
});
