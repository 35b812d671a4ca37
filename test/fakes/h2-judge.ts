/** Judges every byte that one side of an HTTP/2 connection sends, under the strictest reading of RFC 9113. */
import { code, F, type Frame, PREFACE, S, show, Splitter, T, pairsOf } from "./h2-frames.ts";
import { StrictDecoder } from "./h2-hpack.ts";
import { JudgedStream, Ledger } from "./h2-ledger.ts";
import { MessageJudge } from "./h2-messages.ts";

/** Flags that a frame may have, by type. */
const FLAGS: readonly number[] = [
  F.END_STREAM | F.PADDED,
  F.END_STREAM | F.END_HEADERS | F.PADDED | F.PRIORITY,
  0,
  0,
  F.ACK,
  F.END_HEADERS | F.PADDED,
  F.ACK,
  0,
  0,
  F.END_HEADERS,
];
const MAX_WINDOW = 2 ** 31 - 1;

export class Judge {
  /** Rules that the judged side broke, in order. */
  readonly violations: string[] = [];
  readonly frames: Frame[] = [];
  readonly streams = new Map<number, JudgedStream>();
  readonly told = new Ledger();
  /** What it has said of itself: the last value of each setting. */
  readonly theirs = new Map<number, number>();
  /** What it may still send on all streams together, and what we may. */
  window = 65_535;
  ourWindow = 65_535;
  /** The last GOAWAY. */
  goaway: { readonly lastId: number; readonly code: number; readonly debug: string } | undefined = undefined;
  readonly #role: "client" | "server";
  readonly #splitter = new Splitter();
  readonly #decoder = new StrictDecoder();
  #preface = "";
  #lastId = 0;
  readonly #messages: MessageJudge;

  /** `role` is that of the judged side. */
  constructor(role: "client" | "server") {
    this.#role = role;
    this.#messages = new MessageJudge(role, this.streams, this.#decoder, this, (what) => this.#wrong(what));
  }

  /** Bytes of a frame that it has begun and not ended. */
  get within(): number {
    return this.#splitter.rest;
  }

  /** The frames that `bytes` ended. */
  receive(bytes: Buffer): Frame[] {
    const frames = this.#splitter.add(this.#withoutPreface(bytes));
    for (const frame of frames) {
      this.frames.push(frame);
      this.#judge(frame);
    }
    return frames;
  }

  /** Notes a frame that was sent to the judged side. */
  sent(bytes: Buffer): void {
    const { told } = this;
    told.sent++;
    const [type, flags] = [bytes[3], bytes[4] as number];
    const id = bytes.readUInt32BE(5) % 2 ** 31;
    const payload = bytes.subarray(9);
    const isAck = (flags & F.ACK) !== 0;
    if (type === T.SETTINGS && !isAck) this.#tell(payload);
    else if (type === T.PING && !isAck) told.pingSent(payload);
    else if (type === T.WINDOW_UPDATE && payload.length === 4) this.#widen(id, payload.readUInt32BE(0) % 2 ** 31);
    else if (type === T.DATA) this.#sentData(id, payload.length);
    if (type === T.RST_STREAM) this.#ours(id).weResetAt ??= told.sent;
    if ((type === T.DATA || type === T.HEADERS) && id > 0) {
      const stream = this.#ours(id);
      const { reset, weEndedAt, weResetAt } = stream;
      if (reset !== undefined || weEndedAt !== undefined || weResetAt !== undefined) stream.wasAbused = true;
      if ((flags & F.END_STREAM) !== 0) stream.weEndedAt ??= told.sent;
    }
  }

  /** The stream, made where it is not known yet. */
  #ours(id: number): JudgedStream {
    const known = this.streams.get(id);
    if (known) return known;
    const window = this.told.most(S.INITIAL_WINDOW_SIZE);
    const stream = new JudgedStream(id, window, this.theirs.get(S.INITIAL_WINDOW_SIZE) ?? 65_535);
    if (this.#role === "server" && id > 0) this.streams.set(id, stream);
    return stream;
  }

  #tell(payload: Buffer): void {
    const pairs = pairsOf(payload);
    for (const [key, value] of pairs) {
      if (key === S.HEADER_TABLE_SIZE && value > this.told.most(key)) this.#decoder.allow(value);
      const more = value - this.told.most(S.INITIAL_WINDOW_SIZE);
      if (key === S.INITIAL_WINDOW_SIZE && more > 0) for (const each of this.streams.values()) each.window += more;
    }
    this.told.settingsSent(pairs);
  }

  #widen(id: number, by: number): void {
    if (id === 0) this.window += by;
    else {
      const stream = this.streams.get(id);
      if (stream) stream.window += by;
    }
  }

  #sentData(id: number, length: number): void {
    this.ourWindow -= length;
    this.#ours(id).ourWindow -= length;
  }

  #wrong(what: string): void {
    this.violations.push(what);
  }

  #withoutPreface(bytes: Buffer): Buffer {
    if (this.#role === "server" || this.#preface.length === PREFACE.length) return bytes;
    const missing = PREFACE.length - this.#preface.length;
    this.#preface += bytes.toString("latin1", 0, missing);
    if (!PREFACE.startsWith(this.#preface)) this.#wrong(`the preface is ${JSON.stringify(this.#preface)}`);
    return bytes.subarray(missing);
  }

  #judge(frame: Frame): void {
    const { type, flags, id, payload } = frame;
    const wrong = (what: string): void => this.#wrong(`${what}: ${show(frame)}`);
    if (this.frames.length === 1 && (type !== T.SETTINGS || (flags & F.ACK) !== 0)) wrong("SETTINGS are not first");
    if (frame.isReservedSet) wrong("the reserved bit is set");
    if (payload.length > this.told.most(S.MAX_FRAME_SIZE)) wrong("longer than SETTINGS_MAX_FRAME_SIZE");
    if (type > T.CONTINUATION) return wrong("an unknown type");
    if ((flags & ~(FLAGS[type] as number)) !== 0) wrong("a flag that means nothing");
    if (this.goaway !== undefined && this.goaway.code !== 0 && type !== T.GOAWAY) wrong("behind GOAWAY with an error");
    const isRest = type === T.CONTINUATION;
    const { within } = this.#messages;
    if (within > 0 ? !isRest || id !== within : isRest) return wrong("a block is interrupted, or was not begun");
    const isOfConnection = type === T.SETTINGS || type === T.PING || type === T.GOAWAY;
    if (isOfConnection ? id !== 0 : id === 0 && type !== T.WINDOW_UPDATE) return wrong("on the wrong stream");
    if (type === T.SETTINGS) this.#settings(frame, wrong);
    else if (type === T.PING) this.#ping(frame, wrong);
    else if (type === T.GOAWAY) this.#goaway(frame, wrong);
    else if (type === T.PUSH_PROMISE) wrong("PUSH_PROMISE");
    else if (type === T.PRIORITY) {
      if (payload.length !== 5) wrong("not 5 bytes");
    } else this.#onStream(frame, wrong);
  }

  #settings({ flags, payload }: Frame, wrong: (what: string) => void): void {
    if ((flags & F.ACK) !== 0) {
      if (payload.length > 0) wrong("an ACK with a payload");
      const before = this.told.most(S.INITIAL_WINDOW_SIZE);
      const pairs = this.told.settingsAcknowledged();
      if (!pairs) return wrong("an ACK of nothing");
      if (pairs.some(([key]) => key === S.HEADER_TABLE_SIZE)) this.#decoder.allow(this.told.held(S.HEADER_TABLE_SIZE));
      const less = before - this.told.most(S.INITIAL_WINDOW_SIZE);
      for (const each of this.streams.values()) each.window -= less;
      return;
    }
    if (payload.length % 6 !== 0) return wrong("not a multiple of 6 bytes");
    for (const [key, value] of pairsOf(payload)) {
      const before = this.theirs.get(key);
      if (key === S.ENABLE_PUSH && value > (this.#role === "client" ? 1 : 0)) wrong(`ENABLE_PUSH ${value}`);
      if (key === S.INITIAL_WINDOW_SIZE && value > MAX_WINDOW) wrong(`INITIAL_WINDOW_SIZE ${value}`);
      if (key === S.MAX_FRAME_SIZE && (value < 16_384 || value > 2 ** 24 - 1)) wrong(`MAX_FRAME_SIZE ${value}`);
      if (key === S.ENABLE_CONNECT_PROTOCOL && (value > 1 || (before === 1 && value === 0))) wrong(`CONNECT ${value}`);
      if (key === 0 || key === 7 || key > 8) wrong(`the setting ${key}`);
      if (key === S.INITIAL_WINDOW_SIZE) {
        for (const each of this.streams.values()) each.ourWindow += value - (before ?? 65_535);
      }
      this.theirs.set(key, value);
    }
  }

  #ping({ flags, payload }: Frame, wrong: (what: string) => void): void {
    if (payload.length !== 8) wrong("not 8 bytes");
    if ((flags & F.ACK) !== 0 && !this.told.pingAnswered(payload)) wrong("an ACK of another PING");
  }

  #goaway({ payload }: Frame, wrong: (what: string) => void): void {
    if (payload.length < 8) return wrong("shorter than 8 bytes");
    const lastId = payload.readUInt32BE(0);
    if (lastId > MAX_WINDOW) return wrong("the reserved bit of the last stream is set");
    if (this.goaway && lastId > this.goaway.lastId) wrong("a last stream that grew");
    if (this.#role === "client" && lastId !== 0) wrong("a stream that a server opened");
    if (this.#role === "server" && lastId !== MAX_WINDOW && lastId % 2 === 0 && lastId !== 0)
      wrong("an even last stream");
    this.goaway = { lastId, code: payload.readUInt32BE(4), debug: payload.toString("latin1", 8) };
  }

  #onStream(frame: Frame, wrong: (what: string) => void): void {
    const { type, flags, id, payload } = frame;
    if (type === T.WINDOW_UPDATE && id === 0) {
      if (payload.length !== 4) return wrong("not 4 bytes");
      this.ourWindow += this.#increment(payload, this.ourWindow, wrong);
      return;
    }
    if (type === T.CONTINUATION) return this.#messages.rest(flags, payload);
    if (type === T.HEADERS && this.#role === "client" && !this.streams.has(id)) this.#open(id, wrong);
    const stream = this.streams.get(id);
    if (!stream) return wrong("on an idle stream");
    // RFC 9113 §5.4.2: what is sent on a closed stream may be answered so, more than once.
    const isReminder = payload.length === 4 && payload.readUInt32BE(0) === code("STREAM_CLOSED");
    if (
      type === T.RST_STREAM &&
      payload.length === 4 &&
      (stream.wasAbused || (isReminder && stream.reset !== undefined))
    ) {
      stream.reset ??= payload.readUInt32BE(0);
      return;
    }
    if (stream.reset !== undefined) return wrong("behind its RST_STREAM");
    if (stream.weResetAt !== undefined && stream.weResetAt <= this.told.read) return wrong("behind our RST_STREAM");
    if (stream.hasEnded && stream.weEndedAt !== undefined && stream.weEndedAt <= this.told.read) {
      if (type === T.RST_STREAM) stream.reset = payload.readUInt32BE(0);
      return wrong("on a stream that both have ended");
    }
    if (type === T.WINDOW_UPDATE) {
      if (payload.length !== 4) return wrong("not 4 bytes");
      stream.ourWindow += this.#increment(payload, stream.ourWindow, wrong);
    } else if (type === T.RST_STREAM) {
      if (payload.length !== 4) return wrong("not 4 bytes");
      stream.reset = payload.readUInt32BE(0);
      if (stream.reset > code("HTTP_1_1_REQUIRED")) wrong("an unknown code");
    } else if (stream.hasEnded) wrong("behind its END_STREAM");
    else if (type === T.DATA) this.#messages.data(stream, frame, wrong);
    else this.#messages.headers(frame, wrong);
  }

  #increment(payload: Buffer, window: number, wrong: (what: string) => void): number {
    const by = payload.readUInt32BE(0);
    if (by === 0 || by > MAX_WINDOW) wrong(`an increment of ${by}`);
    if (window + by > MAX_WINDOW) wrong(`a window of ${window + by}`);
    return by;
  }

  #open(id: number, wrong: (what: string) => void): void {
    if (id % 2 === 0) wrong("an even stream of a client");
    if (id <= this.#lastId) wrong(`a stream below ${this.#lastId}`);
    this.#lastId = id;
    const most = this.told.most(S.MAX_CONCURRENT_STREAMS);
    const open = [...this.streams.values()].filter(({ isOver, weResetAt }) => !isOver && weResetAt === undefined);
    if (open.length >= most) wrong(`more than ${most} streams`);
    const window = this.told.most(S.INITIAL_WINDOW_SIZE);
    this.streams.set(id, new JudgedStream(id, window, this.theirs.get(S.INITIAL_WINDOW_SIZE) ?? 65_535));
  }
}
