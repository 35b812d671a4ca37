/** Tests of the framing of chunked bodies. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ChunkDecoder } from "../../../src/http1/chunk-decoder.ts";
import type { Flaw } from "../../../src/http1/flaw.ts";
import { defaultHeadLimits } from "../../../src/http1/limits.ts";

/** Reads `text` in pieces of `step` bytes. */
function decode(text: string, step = 1000): { data: string; rest: string; decoder: ChunkDecoder } | Flaw {
  const decoder = new ChunkDecoder(defaultHeadLimits);
  const bytes = Buffer.from(text, "latin1");
  let data = "";
  let at = 0;
  for (
    let to = Math.min(step, bytes.length);
    at < bytes.length && !decoder.ended;
    to = Math.min(to + step, bytes.length)
  ) {
    while (at < to && !decoder.ended) {
      if (decoder.inData) {
        const count = Math.min(decoder.left, to - at);
        data += bytes.toString("latin1", at, at + count);
        decoder.took(count);
        at += count;
        continue;
      }
      const came = decoder.scan(bytes, at, to);
      if (typeof came === "string") return came;
      at = came;
    }
  }
  return { data, rest: bytes.toString("latin1", at), decoder };
}

describe("a chunked body", () => {
  it("is read however it is split, and no byte beyond its end", () => {
    const text = '5;a=b;c="d"\r\nhello\r\n00A\r\n0123456789\r\n0;x\r\nX-T: 1\r\n\r\nnext';
    for (let step = 1; step <= text.length; step++) {
      const read = decode(text, step);
      if (typeof read === "string") assert.fail(read);
      assert.equal(read.data, "hello0123456789");
      assert.equal(read.decoder.ended, true);
      assert.equal(read.rest, "next");
      assert.equal(read.decoder.trailers?.get("x-t"), "1");
    }
  });

  it("loses trailers that would come too late, or change what was read", () => {
    const read = decode(
      "0\r\nContent-Length: 5\r\nHost: b\r\ntransfer-encoding: chunked\r\nSet-Cookie: a\r\nX: 1\r\n\r\n",
    );
    if (typeof read === "string") assert.fail(read);
    assert.equal(read.decoder.trailers?.size, 1);
    assert.equal(read.decoder.trailers?.get("x"), "1");
    const none = decode("0\r\nHost: b\r\n\r\n");
    if (typeof none === "string") assert.fail(none);
    assert.equal(none.decoder.trailers, undefined);
  });

  it("is refused where its framing is not exact", () => {
    const flaws = [
      ["g\r\n", "chunk.size"],
      ["\r\n", "chunk.size"],
      ["-1\r\n", "chunk.size"],
      ["+1\r\n", "chunk.size"],
      ["0x1\r\n", "chunk.size"],
      [" 1\r\n", "chunk.size"],
      ["1 \r\n", "chunk.size"],
      ["1_0\r\n", "chunk.size"],
      ["ffffffffffffff\r\n", "chunk.size"],
      ["00000000000001\r\n", "chunk.size"],
      ["1\na", "chunk.ending"],
      ["1\rxa", "chunk.ending"],
      ["1;a\n", "chunk.extension"],
      ["1;\x01\r\n", "chunk.extension"],
      [`1;${"a".repeat(17_000)}`, "chunk.extension"],
      ["1\r\nab\r\n", "chunk.ending"],
      ["1\r\na\n", "chunk.ending"],
      ["1\r\na\rx", "chunk.ending"],
      ["0\r\nX: 1\n", "head.ending"],
      ["0\r\n\n", "head.ending"],
      ["0\r\nX : 1\r\n\r\n", "field.name"],
      ["0\r\nX: 1\r\n 2\r\n\r\n", "field.fold"],
      ["0\r\nX: \0\r\n\r\n", "field.value"],
      [`0\r\nX: ${"a".repeat(8200)}`, "trailers.large"],
      [`0\r\n${"X: 1\r\n".repeat(101)}\r\n`, "trailers.large"],
    ] as const;
    for (const [text, flaw] of flaws) {
      assert.equal(decode(text), flaw, JSON.stringify(text.slice(0, 40)));
      assert.equal(decode(text, 1), flaw, JSON.stringify(text.slice(0, 40)));
    }
  });

  it("counts the extensions of all chunks together", () => {
    const chunk = `1;${"a".repeat(100)}\r\nx\r\n`;
    assert.equal(decode(chunk.repeat(200)), "chunk.extension");
  });

  it("can be followed by another", () => {
    const decoder = new ChunkDecoder(defaultHeadLimits);
    decoder.scan(Buffer.from("0\r\nX: 1\r\n\r\n"), 0, 11);
    assert.equal(decoder.ended, true);
    decoder.reset();
    assert.equal(decoder.ended, false);
    assert.equal(decoder.trailers, undefined);
  });
});
