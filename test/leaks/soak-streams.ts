/** Traffic on streams: WebSocket, HTTP/2 with resets, TCP. */
import { once } from "node:events";
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from "node:http2";
import net from "node:net";
import { RawCaller } from "../fakes/raw-caller.ts";
import { expect, type Lane } from "./lanes.ts";
import { PAGE } from "./soak-site.ts";
import type { Ports } from "./soak-traffic.ts";

export function streamLanes({ web, calls, bytes }: Ports): readonly Lane[] {
  return [
    { name: "WebSocket", everyMs: 400, act: inTurn((at) => talk(web, at % 3 === 0)) },
    { name: "HTTP/2", everyMs: 100, act: inTurn((at) => askPages(calls, at)) },
    { name: "TCP", everyMs: 100, act: inTurn((at) => passBytes(bytes, at % 3 === 0)) },
  ];
}

function inTurn(act: (at: number) => Promise<void>): () => Promise<void> {
  let at = 0;
  return () => act(at++);
}

const HANDSHAKE =
  "GET / HTTP/1.1\r\nHost: chat\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/** A whole frame under a mask of zeros (RFC 6455 §5.2). */
const masked = (opcode: number, text: string): Buffer =>
  Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);

/** Five messages there and back; then it closes, or breaks off. */
async function talk(port: number, breaks: boolean): Promise<void> {
  using caller = await RawCaller.connect(port);
  caller.send(HANDSHAKE);
  await caller.until(({ got }) => got.includes("\r\n\r\n"), 10_000);
  expect(`a WebSocket got ${caller.got}`, caller.got.startsWith("HTTP/1.1 101 "));
  for (let at = 0; at < 5; at++) {
    caller.send(masked(1, `message ${at}`));
    await caller.until(({ got }) => got.endsWith(`message ${at}`), 10_000);
  }
  if (breaks) return void caller.socket.resetAndDestroy();
  caller.send(masked(8, ""));
  await caller.until(({ state }) => state === "ended", 10_000);
}

/** A session with streams that end in every way: whole, left at once, left in the middle, broken off behind. */
async function askPages(port: number, at: number): Promise<void> {
  const session = connect(`http://127.0.0.1:${port}`);
  session.on("error", () => undefined);
  try {
    await Promise.all([whole(session), whole(session), leave(session), leaveHalfway(session), brokenOff(session)]);
  } finally {
    if (at % 3 === 0) session.destroy();
    else session.close();
  }
  if (!session.destroyed) await once(session, "close");
}

function ask(session: ClientHttp2Session, path: string): ClientHttp2Stream {
  const stream = session.request({ ":path": path, ":authority": "pages" });
  stream.on("error", () => undefined);
  return stream;
}

async function whole(session: ClientHttp2Session): Promise<void> {
  const stream = ask(session, "/");
  let status = 0;
  let body = "";
  stream.on("response", (fields) => (status = fields[":status"] ?? 0));
  stream.setEncoding("utf8").on("data", (text: string) => (body += text));
  await once(stream, "close");
  expect(`a stream got ${status} ${body}`, status === 200 && body === PAGE);
}

async function leave(session: ClientHttp2Session): Promise<void> {
  const stream = ask(session, "/big");
  stream.close(constants.NGHTTP2_CANCEL);
  await once(stream, "close");
}

async function leaveHalfway(session: ClientHttp2Session): Promise<void> {
  const stream = ask(session, "/big");
  await once(stream, "data");
  stream.close(constants.NGHTTP2_CANCEL);
  await once(stream, "close");
}

async function brokenOff(session: ClientHttp2Session): Promise<void> {
  const stream = ask(session, "/reset");
  let status = 0;
  stream.on("response", (fields) => (status = fields[":status"] ?? 0));
  stream.resume();
  await once(stream, "close");
  expect(`a stream that broke off behind got ${status}`, status !== 200);
}

/** Bytes there and back; then an end from the caller, or a reset. */
async function passBytes(port: number, resets: boolean): Promise<void> {
  const socket = net.connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  socket.on("error", () => undefined);
  await once(socket, "connect");
  const { promise: echoed, resolve, reject } = Promise.withResolvers<void>();
  let missing = 10_000;
  socket.on("data", (bytes: Buffer) => {
    missing -= bytes.length;
    if (missing === 0) resolve();
  });
  socket.on("close", () => reject(new Error(`${missing} bytes did not come back`)));
  socket.write(Buffer.alloc(missing, "t"));
  await echoed;
  if (resets) return void socket.resetAndDestroy();
  socket.end();
  await once(socket, "close");
}
