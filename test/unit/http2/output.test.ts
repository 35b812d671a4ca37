/** Tests of what a connection gathers and sends. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Output } from "../../../src/http2/output.ts";
import { SLAB_BYTES } from "../../../src/http2/slabs.ts";
import { nextTurn } from "../../fakes/http2-server-fixture.ts";
import { LinkedSocket } from "../../fakes/linked-sockets.ts";

function write(out: Output, text: string): void {
  out.room(text.length);
  out.at += out.bytes.write(text, out.at, "latin1");
}

describe("what a connection sends", () => {
  it("leaves in one write at the end of the turn", async () => {
    const socket = new LinkedSocket();
    let turns = 0;
    const out = new Output(socket, () => turns++);
    write(out, "one");
    write(out, "two");
    assert.equal(socket.writes, 0);
    assert.equal(out.waiting, 6);
    await nextTurn();
    assert.equal(socket.writes, 1);
    assert.equal(turns, 1);
    assert.equal(socket.takeBytes(100).toString(), "onetwo");
    assert.equal(out.writes, 1);
  });

  it("leaves earlier where no more fits", () => {
    const socket = new LinkedSocket();
    const out = new Output(socket, () => undefined);
    write(out, "a".repeat(SLAB_BYTES - 1));
    write(out, "bb");
    assert.equal(socket.writes, 1);
    out.flush();
    assert.equal(socket.waiting.length, SLAB_BYTES + 1);
  });

  it("keeps what the system has not taken apart from what is written next", () => {
    const socket = new LinkedSocket(0);
    const kept: Uint8Array[] = [];
    socket.write = (bytes: Uint8Array | string): boolean => {
      kept.push(bytes as Uint8Array);
      return LinkedSocket.prototype.write.call(socket, bytes);
    };
    const out = new Output(socket, () => undefined);
    for (const text of ["first", "second", "third"]) {
      write(out, text);
      out.flush();
    }
    assert.equal(out.isBlocked, true);
    assert.deepEqual(
      kept.map((bytes) => Buffer.from(bytes).toString()),
      ["first", "second", "third"],
    );
  });

  it("is thrown away when the socket is gone", async () => {
    const socket = new LinkedSocket();
    const out = new Output(socket, () => assert.fail("nothing is to be done any more"));
    write(out, "x");
    out.close();
    write(out, "y");
    await nextTurn();
    assert.equal(socket.writes, 0);
  });
});
