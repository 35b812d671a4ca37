import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { askOverTcp } from "../../../../namers/dns-srv/tcp-exchange.ts";
import { CountingClock } from "../../../../src/testing/counting-clock.ts";
import { eventually } from "../../../../src/testing/eventually.ts";
import { socketDialer } from "../../../../src/testing/plugin-context.ts";

const never = new AbortController().signal;

const framed = (text: string): Buffer => Buffer.from([text.length >> 8, text.length & 255, ...Buffer.from(text)]);

/** A server on loopback that does `heard` when a question has come; afterwards no connection is left. */
async function server(stack: AsyncDisposableStack, heard: (socket: Socket, question: string) => void): Promise<number> {
  const listening = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", (bytes) => heard(socket, String(bytes)));
  });
  stack.defer(async () => {
    const closed = once(listening, "close");
    listening.close();
    await closed;
  });
  listening.listen(0, "127.0.0.1");
  await once(listening, "listening");
  return (listening.address() as AddressInfo).port;
}

function ask(port: number, signal = never, timeoutMs = 5_000): Promise<string> {
  const clock = new CountingClock();
  const accept = (bytes: Uint8Array): string | undefined => (String(bytes) === "other" ? undefined : String(bytes));
  const bytes = Buffer.from("question");
  const asked = { host: "127.0.0.1", port, bytes, accept, timeoutMs, clock, signal, dial: socketDialer };
  return askOverTcp(asked).finally(() => assert.equal(clock.waiting, 0));
}

test("an answer is taken from its length on, in whatever pieces it comes, and what answers something else is passed over", async () => {
  await using stack = new AsyncDisposableStack();
  let question = "";
  const port = await server(stack, (socket, asked) => {
    question = asked;
    const bytes = Buffer.concat([framed("other"), framed("answer")]);
    for (const byte of bytes) socket.write(Buffer.from([byte]));
  });
  assert.equal(await ask(port), "answer");
  assert.equal(question, String(framed("question")));
});

test("a connection that ends before the answer does is none", async () => {
  await using stack = new AsyncDisposableStack();
  const port = await server(stack, (socket) => socket.end(framed("answer").subarray(0, 4)));
  await assert.rejects(ask(port), /it closed the connection without an answer/);
});

test("silence ends with a timeout, a question that is given up with its reason, and the connection with both", async () => {
  await using stack = new AsyncDisposableStack();
  const end = new AbortController();
  let closed = 0;
  const port = await server(stack, (socket) => {
    socket.once("close", () => closed++);
    if (closed === 1) end.abort(new Error("given up"));
  });
  await assert.rejects(ask(port, never, 50), { code: "ETIMEDOUT", message: "no answer over TCP within 50 ms" });
  await eventually("the connection is closed", () => closed === 1);
  await assert.rejects(ask(port, end.signal), /given up/);
  await eventually("the connection is closed", () => closed === 2);
  await assert.rejects(ask(port, end.signal), /given up/);
});
