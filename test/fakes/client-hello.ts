/** TLS hellos: real ones, as Node's own TLS sends them, and made ones, whole but for what a test breaks. */
import { Duplex } from "node:stream";
import tls from "node:tls";

/** What `tls.connect` sends first. */
export function realHello(options: tls.ConnectionOptions): Promise<Buffer> {
  return new Promise((resolve) => {
    const wire = new Duplex({
      read: () => undefined,
      write(bytes: Buffer, _encoding, done) {
        resolve(bytes);
        done();
        process.nextTick(() => socket.destroy());
      },
    });
    const socket = tls.connect({ ...options, socket: wire });
    socket.on("error", () => undefined);
  });
}

export interface HelloParts {
  readonly version?: Buffer;
  readonly session?: Buffer;
  readonly suites?: Buffer;
  readonly compression?: Buffer;
  /** Undefined: the hello ends before them. */
  readonly extensions?: readonly Buffer[] | undefined;
  readonly after?: Buffer;
}

/** The whole message, without records. */
export function helloMessage(parts: HelloParts): Buffer {
  const { session = Buffer.alloc(32, 7), suites = Buffer.from([0x13, 1]), compression = Buffer.from([0]) } = parts;
  const extensions = "extensions" in parts ? parts.extensions : [];
  const body = Buffer.concat([
    parts.version ?? Buffer.from([3, 3]),
    Buffer.alloc(32, 9),
    vector(1, session),
    vector(2, suites),
    vector(1, compression),
    extensions === undefined ? Buffer.alloc(0) : vector(2, Buffer.concat(extensions)),
    parts.after ?? Buffer.alloc(0),
  ]);
  return Buffer.concat([Buffer.from([1]), vector(3, body)]);
}

/** `bytes` in handshake records of `size` each. */
export function inRecords(bytes: Buffer, size = 2 ** 14): Buffer {
  const records: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    records.push(Buffer.from([22, 3, 1]), vector(2, bytes.subarray(at, at + size)));
  }
  return Buffer.concat(records);
}

export function extension(type: number, data: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type >> 8, type & 0xff]), vector(2, data)]);
}

export function serverName(...names: readonly string[]): Buffer {
  const entries = names.map((name) => Buffer.concat([Buffer.from([0]), vector(2, Buffer.from(name, "latin1"))]));
  return extension(0, vector(2, Buffer.concat(entries)));
}

export function vector(width: number, content: Buffer): Buffer {
  const head = Buffer.alloc(width);
  head.writeUIntBE(content.length, 0, width);
  return Buffer.concat([head, content]);
}
