/** Reads the TLS ClientHello at the start of a connection, for the server's name in it, and changes nothing. */

/** Bytes, record heads included, within which a hello must end. */
export const HELLO_BYTES = 16 * 1024;

/** "pending": more bytes are needed. "named": `serverName` tells. "nameless": a whole hello that names no server. */
export type HelloState = "pending" | "named" | "nameless" | "malformed" | "too_large";

const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const RECORD_HEAD = 5;
const MESSAGE_HEAD = 4;
/** RFC 8446 §5.1. */
const RECORD_BYTES = 2 ** 14;
const SERVER_NAME = 0;
const HOST_NAME = 0;
const HOST = /^(?=.{1,255}$)[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/;

/** Fed with the connection's bytes as they come; what it says does not depend on how they were cut. */
export class ClientHelloReader {
  state: HelloState = "pending";
  /** In lower case; "" where there is none. */
  serverName = "";
  readonly #record = new Uint8Array(RECORD_HEAD);
  #recordHeld = 0;
  /** Bytes of the current record that are still to come. */
  #recordLeft = 0;
  #message = new Uint8Array(512);
  #held = 0;
  /** Of the whole message with its head; unknown until that is there. */
  #wanted = MESSAGE_HEAD;
  #seen = 0;

  read(bytes: Uint8Array): HelloState {
    for (let at = 0; at < bytes.length && this.state === "pending";) {
      at += this.#recordLeft === 0 ? this.#readRecordHead(bytes, at) : this.#readRecord(bytes, at);
      if (this.state === "pending" && this.#seen >= HELLO_BYTES) this.state = "too_large";
    }
    return this.state;
  }

  #readRecordHead(bytes: Uint8Array, at: number): number {
    this.#record[this.#recordHeld++] = bytes[at] as number;
    this.#seen++;
    const [type = 0, major = 0, , high = 0, low = 0] = this.#record;
    if (type !== HANDSHAKE_RECORD || (this.#recordHeld > 1 && major !== 3)) this.state = "malformed";
    if (this.#recordHeld < RECORD_HEAD) return 1;
    this.#recordHeld = 0;
    this.#recordLeft = high * 256 + low;
    if (this.#recordLeft === 0 || this.#recordLeft > RECORD_BYTES) this.state = "malformed";
    return 1;
  }

  #readRecord(bytes: Uint8Array, at: number): number {
    const length = Math.min(this.#recordLeft, bytes.length - at, this.#wanted - this.#held, HELLO_BYTES - this.#seen);
    this.#keep(bytes.subarray(at, at + length));
    this.#recordLeft -= length;
    this.#seen += length;
    if (this.#held === MESSAGE_HEAD && this.#wanted === MESSAGE_HEAD) this.#readMessageHead();
    else if (this.#held === this.#wanted) this.#readHello();
    return length;
  }

  #keep(bytes: Uint8Array): void {
    if (this.#held + bytes.length > this.#message.length) {
      const larger = new Uint8Array(Math.min(2 * (this.#held + bytes.length), HELLO_BYTES));
      larger.set(this.#message.subarray(0, this.#held));
      this.#message = larger;
    }
    this.#message.set(bytes, this.#held);
    this.#held += bytes.length;
  }

  #readMessageHead(): void {
    const [type, high = 0, middle = 0, low = 0] = this.#message;
    const length = (high * 256 + middle) * 256 + low;
    if (type !== CLIENT_HELLO || length === 0) this.state = "malformed";
    else if (length + MESSAGE_HEAD + RECORD_HEAD > HELLO_BYTES) this.state = "too_large";
    else this.#wanted = MESSAGE_HEAD + length;
  }

  #readHello(): void {
    const name = serverNameOf(new Fields(this.#message, MESSAGE_HEAD, this.#held));
    this.#message = new Uint8Array(0);
    if (name === undefined) this.state = "malformed";
    else {
      this.serverName = name;
      this.state = name === "" ? "nameless" : "named";
    }
  }
}

/** RFC 8446 §4.1.2, and RFC 5246 §7.4.1.2 for those without extensions. `undefined` for what is malformed. */
function serverNameOf(hello: Fields): string | undefined {
  hello.skip(2 + 32);
  hello.vector(1, 0, 32);
  const suites = hello.vector(2, 2, 0xff_fe);
  hello.vector(1, 1, 255);
  if (hello.isBroken || suites.size % 2 !== 0) return undefined;
  if (hello.size === 0) return "";
  const extensions = hello.vector(2, 0, 0xff_ff);
  return hello.isBroken || hello.size > 0 ? undefined : nameIn(extensions);
}

function nameIn(extensions: Fields): string | undefined {
  const seen = new Set<number>();
  let name: string | undefined = "";
  while (extensions.size > 0) {
    const type = extensions.number(2);
    const data = extensions.vector(2, 0, 0xff_ff);
    // RFC 8446 §4.2: no extension twice.
    if (extensions.isBroken || seen.has(type)) return undefined;
    seen.add(type);
    if (type === SERVER_NAME) name = hostIn(data);
  }
  return name;
}

/** RFC 6066 §3: one name at most of each type, and there is but one type. */
function hostIn(data: Fields): string | undefined {
  const list = data.vector(2, 1, 0xff_ff);
  const type = list.number(1);
  const name = list.vector(2, 1, 0xff_ff);
  if (data.isBroken || data.size > 0 || list.isBroken || list.size > 0 || type !== HOST_NAME) return undefined;
  const host = name.text().toLowerCase();
  return !name.isBroken && HOST.test(host) ? host : undefined;
}

/** Numbers and vectors of TLS's presentation language (RFC 8446 §3), one after the other. */
class Fields {
  /** Something was asked for that is not there. What was returned then means nothing. */
  isBroken = false;
  readonly #bytes: Uint8Array;
  #at: number;
  readonly #end: number;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
  }

  get size(): number {
    return this.#end - this.#at;
  }

  skip(length: number): void {
    if (length > this.size) this.isBroken = true;
    else this.#at += length;
  }

  number(width: number): number {
    if (width > this.size) {
      this.isBroken = true;
      return 0;
    }
    let value = 0;
    for (let left = width; left > 0; left--) value = value * 256 + (this.#bytes[this.#at++] as number);
    return value;
  }

  /** The content of a vector whose length is written in `width` bytes. */
  vector(width: number, least: number, most: number): Fields {
    const length = this.number(width);
    if (length < least || length > most || length > this.size) this.isBroken = true;
    if (this.isBroken) return new Fields(this.#bytes, this.#at, this.#at);
    const content = new Fields(this.#bytes, this.#at, this.#at + length);
    this.#at += length;
    return content;
  }

  text(): string {
    return Buffer.from(this.#bytes.subarray(this.#at, this.#end)).toString("latin1");
  }
}
