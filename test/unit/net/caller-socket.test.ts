/** How the sockets of callers are read. */
import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { test } from "node:test";
import { onBytes, readIntoSharedMemory } from "../../../src/net/caller-socket.ts";
import { eventually } from "../../../src/testing/eventually.ts";

async function connected(accept: (socket: net.Socket) => void): Promise<AsyncDisposable & { caller: net.Socket }> {
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true }, accept);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const caller = net.connect((server.address() as net.AddressInfo).port, "127.0.0.1");
  await once(caller, "connect");
  return {
    caller,
    [Symbol.asyncDispose]: async () => {
      caller.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

test("a caller's bytes are told in order, each read in the memory of the last", async () => {
  const read: string[] = [];
  const memories = new Set<ArrayBufferLike>();
  let socket: net.Socket | undefined;
  await using scene = await connected((accepted) => {
    socket = readIntoSharedMemory(accepted);
    onBytes(socket, (bytes) => {
      read.push(bytes.toString());
      memories.add(bytes.buffer);
    });
  });
  for (const text of ["one", "two", "three"]) {
    scene.caller.write(text);
    await eventually(`${text} is told`, () => read.join("").endsWith(text));
  }
  assert.equal(read.join(""), "onetwothree");
  assert.equal(memories.size, 1);
  assert.equal(socket?.remoteAddress, "127.0.0.1");
});

test("a socket that nobody reads so gives its bytes as any other does, each in memory of its own", async () => {
  const read: Buffer[] = [];
  await using scene = await connected((accepted) => {
    readIntoSharedMemory(accepted).on("data", (bytes: Buffer) => read.push(bytes));
  });
  scene.caller.write("one");
  await eventually("one is read", () => read.length === 1);
  scene.caller.write("two");
  await eventually("two is read", () => read.length === 2);
  assert.equal(Buffer.concat(read).toString(), "onetwo");
});

test("a paused socket tells nothing until it is resumed, and then its end", async () => {
  const read: string[] = [];
  let ended = false;
  let socket: net.Socket | undefined;
  await using scene = await connected((accepted) => {
    socket = readIntoSharedMemory(accepted);
    socket.on("end", () => {
      ended = true;
      socket?.end("bye");
    });
    onBytes(socket, (bytes) => {
      read.push(bytes.toString());
      if (read.length === 1) socket?.pause();
    });
  });
  const answer: Buffer[] = [];
  scene.caller.on("data", (bytes: Buffer) => answer.push(bytes));
  scene.caller.write("a");
  await eventually("the first byte is told", () => read.length === 1);
  scene.caller.end("b");
  await once(scene.caller, "finish");
  assert.deepEqual(read, ["a"]);
  socket?.resume();
  await eventually("the end is told", () => ended);
  assert.deepEqual(read, ["a", "b"]);
  await eventually("the caller is answered", () => Buffer.concat(answer).toString() === "bye");
});
