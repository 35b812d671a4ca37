/** HTTP/2 requests of a fixed rate, as GET or as a small gRPC call, on few connections. */
import type { Socket } from "node:net";
import {
  ACK,
  block,
  DATA,
  END_HEADERS,
  END_STREAM,
  frame,
  FrameReader,
  GOAWAY,
  HEADERS,
  PING,
  PREFACE,
  RST_STREAM,
  SETTINGS,
  SETTINGS_ACKED,
  SETTINGS_SENT,
  windowUpdate,
} from "./h2-wire.ts";
import type { PacedClient } from "./paced-main.ts";

type Told = (sentAt: number, isOk: boolean) => void;

const WINDOW = 2 ** 30;
/** `:status: 200` (RFC 7541, appendix A). */
const STATUS_200 = 0x88;

const common = [
  [":scheme", "http"],
  [":authority", "localhost"],
] as const;
const GET = block([":method", "GET"], [":path", "/"], ...common);
const CALL = block(
  [":method", "POST"],
  [":path", "/bench.Echo/Unary"],
  ...common,
  ["te", "trailers"],
  ["content-type", "application/grpc"],
);
/** A message of 100 bytes (gRPC's length-prefixed form). */
const MESSAGE = Buffer.concat([Buffer.from([0, 0, 0, 0, 100]), Buffer.alloc(100, 1)]);

interface Stream {
  readonly sentAt: number;
  isOk: boolean;
}

interface Connection {
  readonly socket: Socket;
  readonly streams: Map<number, Stream>;
  nextId: number;
  owed: number;
}

export class PacedHttp2 implements PacedClient {
  readonly #dial: () => Promise<Socket>;
  readonly #told: Told;
  readonly #isGrpc: boolean;
  readonly #connections: Connection[] = [];
  #turn = 0;

  constructor(dial: () => Promise<Socket>, told: Told, isGrpc: boolean) {
    this.#dial = dial;
    this.#told = told;
    this.#isGrpc = isGrpc;
  }

  async open(connections: number): Promise<void> {
    for (let at = 0; at < connections; at++) {
      const socket = await this.#dial();
      const connection: Connection = { socket, streams: new Map(), nextId: 1, owed: 0 };
      const reader = new FrameReader((...of) => this.#frame(connection, ...of));
      socket.on("data", (bytes: Buffer) => reader.read(bytes));
      socket.on("error", () => socket.destroy());
      socket.on("close", () => this.#closed(connection));
      socket.write(Buffer.concat([PREFACE, SETTINGS_SENT, windowUpdate(0, WINDOW)]));
      this.#connections.push(connection);
    }
  }

  send(): void {
    const sentAt = performance.now();
    const connection = this.#connections[this.#turn++ % this.#connections.length];
    if (!connection) return this.#told(sentAt, false);
    const id = connection.nextId;
    connection.nextId += 2;
    connection.streams.set(id, { sentAt, isOk: false });
    const bytes = this.#isGrpc
      ? Buffer.concat([frame(HEADERS, END_HEADERS, id, CALL), frame(DATA, END_STREAM, id, MESSAGE)])
      : frame(HEADERS, END_HEADERS | END_STREAM, id, GET);
    connection.socket.write(bytes);
  }

  #frame(connection: Connection, type: number, flags: number, id: number, payload: Buffer): void {
    const { socket, streams } = connection;
    if (type === SETTINGS && (flags & ACK) === 0) socket.write(SETTINGS_ACKED);
    else if (type === PING && (flags & ACK) === 0) socket.write(frame(PING, ACK, 0, payload));
    else if (type === GOAWAY) this.#leave(connection);
    const stream = streams.get(id);
    if (!stream) return;
    if (type === HEADERS) stream.isOk ||= payload.subarray(0, 3).includes(STATUS_200);
    if (type === DATA) this.#credit(connection, payload.length);
    const isOver = type === RST_STREAM || ((type === HEADERS || type === DATA) && (flags & END_STREAM) !== 0);
    if (!isOver) return;
    streams.delete(id);
    this.#told(stream.sentAt, stream.isOk && type !== RST_STREAM);
  }

  #credit(connection: Connection, bytes: number): void {
    connection.owed += bytes;
    if (connection.owed < 2 ** 20) return;
    connection.socket.write(windowUpdate(0, connection.owed));
    connection.owed = 0;
  }

  #leave(connection: Connection): void {
    const at = this.#connections.indexOf(connection);
    if (at >= 0) this.#connections.splice(at, 1);
  }

  #closed(connection: Connection): void {
    this.#leave(connection);
    for (const { sentAt } of connection.streams.values()) this.#told(sentAt, false);
  }
}
