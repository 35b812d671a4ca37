import assert from "node:assert/strict";
import { it } from "node:test";
import { SocketSink } from "../../../src/tcp/socket-sink.ts";
import { FakeSocket } from "../../fakes/fake-socket.ts";

function fixture() {
  const socket = new FakeSocket();
  const counter = { value: 0 };
  return { socket, counter, sink: new SocketSink(socket, counter) };
}

it("a socket as a sink writes and counts what comes, and says stop when it is full", () => {
  const { socket, counter, sink } = fixture();
  assert.equal(sink.chunk(Buffer.from("abc")), true);
  socket.isFull = true;
  assert.equal(sink.chunk(Buffer.alloc(70_000, "x")), false);
  assert.equal(socket.written, `abc${"x".repeat(70_000)}`);
  assert.equal(counter.value, 70_003);
});

it("the end of what it is given ends its half; a break resets it", () => {
  const whole = fixture();
  whole.sink.end();
  assert.deepEqual([whole.sink.hasEnded, whole.socket.wasEnded, whole.socket.wasReset], [true, true, false]);
  const broken = fixture();
  broken.sink.fail();
  assert.deepEqual([broken.sink.hasEnded, broken.socket.wasEnded, broken.socket.wasReset], [true, false, true]);
  // A socket that is gone is let be.
  broken.socket.wasReset = false;
  broken.sink.fail();
  assert.equal(broken.socket.wasReset, false);
});
