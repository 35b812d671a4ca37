import assert from "node:assert/strict";
import { it } from "node:test";
import { writeCopy } from "../../../src/tcp/write-memory.ts";
import { FakeSocket } from "../../fakes/fake-socket.ts";

/** Keeps what it is given, uncopied, until the test says that it has left. */
class HoldingSocket extends FakeSocket {
  readonly held: { readonly bytes: Uint8Array; readonly done: unknown }[] = [];
  override write(bytes: Uint8Array | string, ...more: unknown[]): boolean {
    this.held.push({ bytes: bytes as Uint8Array, done: more[0] });
    return true;
  }
  leave(): void {
    const first = this.held.shift();
    if (typeof first?.done === "function") (first.done as () => void)();
  }
}

it("no write's memory is used again before the write has ended, whatever its size", () => {
  const socket = new HoldingSocket();
  const sizes = [1, 4096, 4097, 30_000, 65_536, 65_537, 200_000];
  const borrowed = Buffer.alloc(200_000);
  for (let round = 0; round < 40; round++) {
    for (const size of sizes) {
      borrowed.fill(round * 7 + (size % 5));
      writeCopy(socket, borrowed.subarray(0, size));
    }
    borrowed.fill(255);
    for (const [at, { bytes }] of socket.held.entries()) {
      const size = sizes[at] ?? 0;
      assert.equal(bytes.length, size);
      assert.ok(bytes.every((byte) => byte === ((round * 7 + (size % 5)) & 255)));
    }
    while (socket.held.length > 0) socket.leave();
  }
});

it("memory that a write gave back takes the next", () => {
  const socket = new HoldingSocket();
  writeCopy(socket, Buffer.alloc(20_000));
  const first = socket.held[0]?.bytes.buffer;
  socket.leave();
  writeCopy(socket, Buffer.alloc(30_000));
  assert.equal(socket.held[0]?.bytes.buffer, first);
});
