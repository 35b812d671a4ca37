/** Tests of the writing of header blocks. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NEVER, nameKind } from "../../../src/http2/field-kind.ts";
import { HpackEncoder } from "../../../src/http2/hpack-encoder.ts";
import { indexed, literal, sizeUpdate, StrictDecoder } from "../../fakes/h2-hpack.ts";
import { encoded, type Field } from "../../fakes/header-blocks.ts";

const write = (encoder: HpackEncoder, ...fields: readonly Field[]): Buffer => encoded(encoder, fields);
const parts = (...all: readonly Buffer[]): Buffer => Buffer.concat(all);

describe("an encoder", () => {
  it("writes what the static table has as one byte", () => {
    const block = write(new HpackEncoder(), [":method", "GET"], [":status", "404"], [":path", "/"]);
    assert.deepEqual(block, parts(indexed(2), indexed(13), indexed(4)));
  });

  it("adds a field once, and then points to it, however many came behind it", () => {
    const encoder = new HpackEncoder();
    const first = write(encoder, ["x-a", "1"], ["server", "s"], ["x-a", "2"]);
    assert.deepEqual(first, parts(literal("x-a", "1", "added"), literal(54, "s", "added"), literal(63, "2", "added")));
    assert.deepEqual(
      write(encoder, ["x-a", "1"], ["x-a", "2"], ["server", "s"]),
      parts(indexed(64), indexed(62), indexed(63)),
    );
  });

  it("adds no field whose value is hardly ever the same twice", () => {
    const encoder = new HpackEncoder();
    for (let round = 0; round < 2; round++) {
      const block = write(encoder, [":path", "/a"], ["date", "now"], ["content-length", "3"], ["x-request-id", "9"]);
      assert.deepEqual(
        block,
        parts(literal(4, "/a"), literal(33, "now"), literal(28, "3"), literal("x-request-id", "9")),
      );
    }
  });

  it("writes secrets so that nobody adds them", () => {
    const encoder = new HpackEncoder();
    for (let round = 0; round < 2; round++) {
      const block = write(
        encoder,
        ["authorization", "a"],
        ["set-cookie", "b"],
        ["cookie", "short=1"],
        ["x-api-key", "k"],
      );
      assert.deepEqual(
        block,
        parts(
          literal(23, "a", "never"),
          literal(55, "b", "never"),
          literal(32, "short=1", "never"),
          literal("x-api-key", "k", "never"),
        ),
      );
    }
    const long: Field = ["cookie", "session=0123456789abcdef"];
    assert.deepEqual(write(encoder, long), literal(32, long[1], "added"));
  });

  it("keeps a secret that came as one, whatever its name", () => {
    const encoder = new HpackEncoder();
    const out = Buffer.alloc(100);
    for (const [name, at] of [
      ["x-a", "x-a"],
      ["date", 33],
      [":method", 2],
    ] as const) {
      const end = encoder.field(name, "GET", out, 0, nameKind(name) | NEVER);
      assert.deepEqual(out.subarray(0, end), literal(at, "GET", "never"));
    }
  });

  it("adds no field that would fill half of the table", () => {
    const encoder = new HpackEncoder();
    const large = "v".repeat(2048);
    assert.deepEqual(write(encoder, ["x-a", large]), literal("x-a", large));
    assert.deepEqual(write(encoder, ["x-a", "1"]), literal("x-a", "1", "added"));
    assert.deepEqual(write(encoder, ["x-a", large]), literal(62, large), "its name is in the table now");
  });

  it("uses no larger table than the peer allows, and says so at the next block", () => {
    const encoder = new HpackEncoder();
    write(encoder, ["x-a", "1"]);
    encoder.limit(0);
    assert.deepEqual(write(encoder, ["x-a", "1"]), parts(sizeUpdate(0), literal("x-a", "1")));
    assert.deepEqual(write(encoder, ["x-a", "1"]), literal("x-a", "1"));
    encoder.limit(100);
    assert.deepEqual(write(encoder, ["x-a", "1"]), parts(sizeUpdate(100), literal("x-a", "1", "added")));
    encoder.limit(2 ** 32 - 1);
    assert.deepEqual(write(encoder, ["x-a", "1"]), parts(sizeUpdate(4096), indexed(62)));
  });

  it("says the smallest size since the last block, then the present one", () => {
    const encoder = new HpackEncoder();
    write(encoder, ["x-a", "1"]);
    for (const size of [3000, 0, 50, 4096]) encoder.limit(size);
    assert.deepEqual(
      write(encoder, ["x-a", "1"]),
      parts(sizeUpdate(0), sizeUpdate(4096), literal("x-a", "1", "added")),
    );
    encoder.limit(4096);
    assert.deepEqual(write(encoder, ["x-a", "1"]), indexed(62));
    for (const size of [3000, 4000]) encoder.limit(size);
    assert.deepEqual(write(encoder, ["x-a", "1"]), parts(sizeUpdate(3000), sizeUpdate(4000), indexed(62)));
  });

  it("starts with a smaller table of its own where it is given one", () => {
    assert.deepEqual(write(new HpackEncoder(0), ["x-a", "1"]), parts(sizeUpdate(0), literal("x-a", "1")));
    assert.deepEqual(write(new HpackEncoder(8192), ["x-a", "1"]), literal("x-a", "1", "added"));
  });

  it("stays in step with a decoder while thousands of names and values come and go", () => {
    const encoder = new HpackEncoder();
    const decoder = new StrictDecoder();
    for (let round = 0; round < 3000; round++) {
      const fields: Field[] = [
        [`x-${round}`, "once"],
        [`x-${round % 7}`, String(round % 3)],
        ["x-many", String(round % 30)],
      ];
      assert.deepEqual(decoder.decode(write(encoder, ...fields)), fields);
      assert.ok(decoder.used <= 4096);
    }
  });
});
