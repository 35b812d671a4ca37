import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";
import { askOverUdp } from "../../../../namers/dns-srv/udp-exchange.ts";
import { CountingClock } from "../../../../src/testing/counting-clock.ts";

const never = new AbortController().signal;

/** A server on loopback that does `heard` with each message; its socket is closed with the stack. */
async function server(stack: AsyncDisposableStack, heard: (socket: Socket, port: number) => void): Promise<number> {
  const socket = createSocket("udp4");
  stack.defer(() => void socket.close());
  socket.on("message", (_, { port }) => heard(socket, port));
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return socket.address().port;
}

function ask(port: number, accept: (bytes: Uint8Array) => string | undefined, signal = never, timeoutMs = 5_000) {
  const clock = new CountingClock();
  const bytes = Buffer.from("question");
  const answer = askOverUdp({ host: "127.0.0.1", port, bytes, accept, timeoutMs, clock, signal });
  return answer.finally(() => assert.equal(clock.waiting, 0));
}

test("what is no answer to the question is passed over", async () => {
  await using stack = new AsyncDisposableStack();
  const port = await server(stack, (socket, to) => ["other", "answer"].forEach((each) => socket.send(each, to)));
  const answer = await ask(port, (bytes) => (String(bytes) === "answer" ? "taken" : undefined));
  assert.equal(answer, "taken");
});

test("an answer that cannot be read ends it", async () => {
  await using stack = new AsyncDisposableStack();
  const port = await server(stack, (socket, to) => socket.send("answer", to));
  const unreadable = (): never => {
    throw new Error("too short");
  };
  await assert.rejects(ask(port, unreadable), { message: "the answer cannot be read" });
});

test("silence ends with a timeout, and a question that is given up with its reason", async () => {
  await using stack = new AsyncDisposableStack();
  const end = new AbortController();
  const port = await server(stack, () => end.abort(new Error("given up")));
  await assert.rejects(ask(port, String, never, 20), { code: "ETIMEDOUT", message: "no answer within 20 ms" });
  const second = new AbortController();
  const silent = await server(stack, () => second.abort(new Error("given up")));
  await assert.rejects(ask(silent, String, second.signal), /given up/);
  await assert.rejects(ask(silent, String, second.signal), /given up/);
});

test("where nobody listens that is said at once", async () => {
  const gone = createSocket("udp4");
  gone.bind(0, "127.0.0.1");
  await once(gone, "listening");
  const { port } = gone.address();
  gone.close();
  await once(gone, "close");
  await assert.rejects(ask(port, String), { code: "ECONNREFUSED" });
});
