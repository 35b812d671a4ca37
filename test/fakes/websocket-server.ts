/** A WebSocket server on raw sockets (RFC 6455): echoes every message, one connection at a time or many. */
import { createHash } from "node:crypto";
import net from "node:net";

export interface WebSocketBehaviour {
  /** Answers a handshake with these bytes in place of 101. */
  readonly refuse?: string;
  /** Takes the place of the echo. */
  readonly onMessage?: (payload: Buffer, socket: net.Socket) => void;
}

export class WebSocketServer implements AsyncDisposable {
  /** The heads of the handshakes, as latin1. */
  readonly heads: string[] = [];
  readonly sockets = new Set<net.Socket>();
  messages = 0;
  readonly #server: net.Server;

  private constructor(server: net.Server) {
    this.#server = server;
  }

  static async start(behaviour: WebSocketBehaviour = {}): Promise<WebSocketServer> {
    const server = net.createServer({ allowHalfOpen: true, noDelay: true });
    const fake = new WebSocketServer(server);
    server.on("connection", (socket) => fake.#serve(socket, behaviour));
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    return fake;
  }

  get port(): number {
    return (this.#server.address() as net.AddressInfo).port;
  }

  #serve(socket: net.Socket, behaviour: WebSocketBehaviour): void {
    let seen: Buffer = Buffer.alloc(0);
    let isOpen = false;
    this.sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => this.sockets.delete(socket));
    socket.on("end", () => socket.end());
    socket.on("data", (bytes: Buffer) => {
      seen = seen.length === 0 ? bytes : Buffer.concat([seen, bytes]);
      if (!isOpen) {
        const end = seen.indexOf("\r\n\r\n");
        if (end < 0) return;
        const head = seen.toString("latin1", 0, end);
        seen = seen.subarray(end + 4);
        this.heads.push(head);
        if (behaviour.refuse !== undefined) return void socket.write(behaviour.refuse, "latin1");
        isOpen = true;
        socket.write(granted(head), "latin1");
      }
      seen = this.#takeFrames(seen, socket, behaviour);
    });
  }

  #takeFrames(seen: Buffer, socket: net.Socket, { onMessage }: WebSocketBehaviour): Buffer {
    let rest = seen;
    for (let frame = readFrame(rest); frame !== undefined; frame = readFrame(rest)) {
      rest = rest.subarray(frame.size);
      if (frame.opcode === 8) {
        socket.end(frameOf(8, frame.payload));
        continue;
      }
      this.messages++;
      if (onMessage) onMessage(frame.payload, socket);
      else if (!socket.write(frameOf(frame.opcode, frame.payload))) this.#pause(socket);
    }
    return rest;
  }

  #pause(socket: net.Socket): void {
    socket.pause();
    socket.once("drain", () => socket.resume());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}

function granted(head: string): string {
  const key = /\r\nsec-websocket-key: (\S+)/i.exec(head)?.[1] ?? "";
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
}

interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
  readonly size: number;
}

function readFrame(bytes: Buffer): Frame | undefined {
  if (bytes.length < 2) return undefined;
  const short = (bytes[1] as number) & 127;
  const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
  const masked = ((bytes[1] as number) & 128) !== 0;
  const start = 2 + lengthBytes + (masked ? 4 : 0);
  if (bytes.length < start) return undefined;
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  if (bytes.length < start + length) return undefined;
  const payload = Buffer.from(bytes.subarray(start, start + length));
  if (masked) {
    const mask = bytes.subarray(start - 4, start);
    for (let at = 0; at < length; at++) payload[at] = (payload[at] as number) ^ (mask[at & 3] as number);
  }
  return { opcode: (bytes[0] as number) & 15, payload, size: start + length };
}

/** A whole frame, unmasked, as servers send them. */
export function frameOf(opcode: number, payload: Uint8Array): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = 128 | opcode;
  head[1] = length < 126 ? length : length < 65_536 ? 126 : 127;
  if (length >= 65_536) head.writeBigUInt64BE(BigInt(length), 2);
  else if (length >= 126) head.writeUInt16BE(length, 2);
  return Buffer.concat([head, payload]);
}
