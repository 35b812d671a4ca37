/** Tests of the bytes of a caller that wait. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DownstreamInput } from "../../../src/http1/downstream-input.ts";
import { FakeSocket } from "../../fakes/fake-socket.ts";

describe("a caller's input", () => {
  it("joins what was not used with what comes", () => {
    const input = new DownstreamInput(new FakeSocket());
    assert.equal(input.isEmpty, true);
    input.push(Buffer.from("abc"));
    input.at = 2;
    input.push(Buffer.from("de"));
    assert.equal(input.bytes.toString(), "cde");
    assert.equal(input.length, 3);
    input.clear();
    assert.equal(input.isEmpty, true);
  });

  it("knows whether it begins as a request for a head alone does", () => {
    const input = new DownstreamInput(new FakeSocket());
    for (const [bytes, expected] of [
      ["HEAD / HTTP", true],
      ["HEAD", false],
      ["HEADS /", false],
      ["GET /", false],
    ] as const) {
      input.clear();
      input.push(Buffer.from(`x${bytes}`));
      input.at = 1;
      assert.equal(input.asksForHead, expected, bytes);
    }
  });

  it("reads no further than its bound, and on when it was used", () => {
    const socket = new FakeSocket();
    const input = new DownstreamInput(socket);
    input.push(Buffer.alloc(16 * 1024));
    input.settle();
    assert.equal(socket.paused, 0);
    input.push(Buffer.alloc(1));
    input.settle();
    input.settle();
    assert.equal(socket.paused, 1);
    input.at = input.bytes.length;
    input.settle();
    assert.equal(socket.resumed, 1);
    assert.equal(input.bytes.length, 0);
  });
});
