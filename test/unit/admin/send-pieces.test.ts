import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { test, type TestContext } from "node:test";
import { sendPieces } from "../../../src/admin/send-pieces.ts";
import { eventually, FakeClock } from "../../../src/testing/index.ts";

const PIECE = "x".repeat(64 * 1024);

/** A port that answers with so many pieces. */
async function sending(t: TestContext, count: number) {
  const clock = new FakeClock();
  const state = { made: 0, isOver: false };
  function* pieces(): Generator<string> {
    for (; state.made < count; state.made++) yield PIECE;
  }
  const server: Server = createServer((_, response) => {
    void sendPieces(response, pieces(), { type: "text/plain", clock }).then(() => (state.isOver = true));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close().closeAllConnections());
  return { clock, state, port: (server.address() as AddressInfo).port };
}

test("an answer in pieces comes whole", async (t) => {
  const { port, state } = await sending(t, 100);
  const answer = await fetch(`http://127.0.0.1:${port}/`);
  assert.equal((await answer.text()).length, 100 * PIECE.length);
  assert.equal(state.isOver, true);
});

test("no more is made than the reader takes, and who takes nothing is let go in the end", async (t) => {
  const { port, state, clock } = await sending(t, 10_000);
  const socket = connect(port, "127.0.0.1");
  t.after(() => socket.destroy());
  socket.pause().write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  await eventually("it waits for the reader", () => clock.waiting === 2);
  assert.ok(state.made < 1_000, `${state.made} pieces were made`);
  clock.advance(30_000);
  await eventually("it is over", () => state.isOver);
  assert.equal(clock.waiting, 0);
});

test("who leaves in between is sent nothing more", async (t) => {
  const { port, state, clock } = await sending(t, 10_000);
  const socket = connect(port, "127.0.0.1");
  socket.pause().write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  await eventually("it waits for the reader", () => clock.waiting === 2);
  socket.destroy();
  await eventually("it is over", () => state.isOver);
  assert.ok(state.made < 1_000);
});

test("who takes so little that it does not end is let go", async (t) => {
  const { port, state, clock } = await sending(t, 10_000);
  const socket = connect(port, "127.0.0.1");
  t.after(() => socket.destroy());
  socket.pause().write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  await eventually("it waits for the reader", () => clock.waiting === 2);
  for (let read = 0; read < 15 && !state.isOver; read++) {
    const { made } = state;
    socket.resume();
    await eventually("it makes more", () => state.made > made || state.isOver);
    socket.pause();
    await eventually("it waits for the reader", () => clock.waiting === 2 || state.isOver);
    clock.advance(29_000);
  }
  await eventually("it is over", () => state.isOver);
  assert.equal(clock.waiting, 0);
  assert.ok(state.made < 10_000);
});

test("where nothing is to be sent another answer is", async (t) => {
  const server = createServer((_, response) => {
    const ifNone = (): void => void response.writeHead(404).end("none");
    void sendPieces(response, ["", ""], { type: "text/plain", clock: new FakeClock(), ifNone });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close().closeAllConnections());
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  assert.deepEqual([answer.status, await answer.text()], [404, "none"]);
});
