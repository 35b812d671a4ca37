/** Tests of where a body ends. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  AMBIGUOUS,
  CHUNKED,
  connectionNames,
  framedLength,
  framingFlaw,
  keepsAlive,
  UNSAID,
} from "../../../src/http1/framing.ts";
import { decimal } from "../../../src/http/grammar.ts";
import { headBlock } from "../../fakes/parsed-head.ts";

describe("framing", () => {
  it("is a length, chunks, or not said", () => {
    assert.equal(framedLength(headBlock("A: 1"), 11), UNSAID);
    assert.equal(framedLength(headBlock("Content-Length: 0"), 11), 0);
    assert.equal(framedLength(headBlock("content-length:  999999999999999 "), 10), 999_999_999_999_999);
    assert.equal(framedLength(headBlock("Transfer-Encoding: cHuNkEd"), 11), CHUNKED);
  });

  it("is ambiguous for everything else, and says why", () => {
    const ambiguous = [
      ["length.coding", 11, "Content-Length: 5", "Transfer-Encoding: chunked"],
      ["length.repeated", 11, "Content-Length: 5", "Content-Length: 5"],
      ["length.grammar", 11, "Content-Length: 5, 5"],
      ["length.grammar", 11, "Content-Length: "],
      ["length.grammar", 11, "Content-Length: -1"],
      ["length.grammar", 11, "Content-Length: 1000000000000000"],
      ["coding.unknown", 11, "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
      ["coding.unknown", 11, "Transfer-Encoding: gzip, chunked"],
      ["coding.unknown", 11, "Transfer-Encoding: \xa0chunked"],
      ["coding.version", 10, "Transfer-Encoding: chunked"],
    ] as const;
    for (const [flaw, version, ...lines] of ambiguous) {
      const head = headBlock(...lines);
      assert.equal(framedLength(head, version), AMBIGUOUS, lines.join());
      assert.equal(framingFlaw(head, version), flaw, lines.join());
    }
  });

  it("reads decimal digits and nothing else", () => {
    assert.equal(decimal("007"), 7);
    for (const text of ["", " 1", "1 ", "+1", "-1", "1.0", "1e3", "0x1", "1_0", "\u0661", "9".repeat(16)]) {
      assert.equal(decimal(text), -1, text);
    }
  });

  it("hears what Connection names, in any of its fields", () => {
    const head = headBlock("Connection: foo , Close", "connection: keep-alive");
    assert.equal(connectionNames(head, "close"), true);
    assert.equal(connectionNames(head, "keep-alive"), true);
    assert.equal(connectionNames(head, "foo"), true);
    assert.equal(connectionNames(head, "fo"), false);
    assert.equal(connectionNames(headBlock("A: close"), "close"), false);
  });

  it("lets a connection stay as its version and its fields say, and is done with a field that says nothing else", () => {
    const said = [
      [11, true],
      [10, false],
      [11, true, "Connection: keep-alive"],
      [10, true, "Connection: keep-alive"],
      [11, false, "Connection: close"],
      [10, false, "Connection: close"],
      [11, false, "Connection: keep-alive", "Connection: close"],
      [10, false, "Connection: Close, Keep-Alive"],
      [10, true, "Connection: foo, Keep-Alive"],
      [11, true, "Connection: upgrade"],
      [11, false, "Connection: CLOSE"],
    ] as const;
    for (const [version, stays, ...lines] of said) {
      assert.equal(keepsAlive(headBlock(...lines), version), stays, `${version} ${lines.join()}`);
    }
    const plain = headBlock("A: b", "Connection: keep-alive", "C: d");
    keepsAlive(plain, 11);
    assert.deepEqual([plain.seen, plain.find("connection")], [0, -1]);
    assert.equal(plain.lines(), "A: b\r\nC: d\r\n");
    const more = headBlock("Connection: keep-alive, foo");
    keepsAlive(more, 11);
    assert.equal(more.find("connection"), 0);
  });
});
