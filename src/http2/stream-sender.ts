/** Sends the body of one stream as DATA, as far as the windows of both levels allow. */
import type { Failure } from "../base/failure.ts";
import type { BodySink } from "../http/body.ts";
import { HeaderList } from "../http/header-list.ts";
import type { Headers } from "../http/headers.ts";
import { LEAST_FRAME_BYTES } from "./frame.ts";
import type { Queued, SendGate } from "./send-gate.ts";

/** The stream that a sender belongs to. */
export interface SendEnd {
  readonly id: number;
  /** The body has ended whole; what is to be sent behind it. */
  trailersFor(trailers: Headers | undefined): Headers | undefined;
  /** Writes the trailers as the last frame of the stream. */
  writeTrailers(trailers: Headers): void;
  /** The last frame was written. */
  sent(): void;
  /** The body may come on. */
  wantsMore(): void;
  /** The body was broken off, or is not as long as it said. */
  sendBroken(failure: Failure | undefined): void;
}

/** "open": the head was written. "ending": all of the body is here. "over": nothing more is sent. */
type State = "open" | "ending" | "over";

const NOTHING = new Uint8Array(0);

export class StreamSender implements BodySink, Queued {
  /** What the other side takes of this stream; negative after it made its windows smaller. */
  window = 0;
  /** Bytes that were sent. */
  moved = 0;
  /** For the line of the gate. */
  isQueued = false;
  before: Queued | undefined = undefined;
  after: Queued | undefined = undefined;
  #state: State = "over";
  #left = -1;
  #pending: Uint8Array | undefined = undefined;
  #from = 0;
  #isStopped = false;
  #trailers: Headers | undefined = undefined;
  /** Where the last frame stands, and when it was written. */
  #frameAt = -1;
  #frameWrites = 0;
  #gate: SendGate | undefined = undefined;
  readonly #end: SendEnd;

  constructor(end: SendEnd) {
    this.#end = end;
  }

  /** Whether something waits for the other side to take it. */
  get isWaiting(): boolean {
    return this.#pending !== undefined || this.#isStopped;
  }

  /** Whether all that is to be sent is here. */
  get isEnding(): boolean {
    return this.#state === "ending";
  }

  /** Whether it needs no window to go on: only the body's source is to be woken. */
  get wantsNoWindow(): boolean {
    return this.#pending === undefined;
  }

  /** For a new stream. */
  reset(gate: SendGate, window: number): void {
    this.#gate = gate;
    this.window = window;
    this.moved = 0;
    this.#state = "over";
    this.#isStopped = false;
    this.#pending = undefined;
    this.#trailers = undefined;
  }

  /** The head stands at `frameAt`, or is -1; a body of `length` bytes follows, -1 for one that nobody has measured. */
  open(frameAt: number, length: number): void {
    this.#state = "open";
    this.#left = length;
    this.#mark(frameAt);
  }

  /** Sends nothing more. */
  close(): void {
    this.#state = "over";
    this.#pending = undefined;
    this.#trailers = undefined;
    this.#isStopped = false;
    this.#gate?.remove(this);
  }

  /** The other side takes `more`; who calls this has the gate pump then. */
  widen(more: number): void {
    this.window += more;
    if (this.#pending !== undefined && this.window > 0) this.#gate?.add(this);
  }

  chunk(bytes: Uint8Array): boolean {
    const gate = this.#gate as SendGate;
    if (this.#state !== "open" || bytes.length === 0) return !this.#isStopped;
    if (this.#left >= 0) {
      this.#left -= bytes.length;
      if (this.#left < 0) {
        this.#break(undefined);
        return true;
      }
    }
    const at = this.#pending === undefined && gate.isFree ? this.#write(bytes, 0, bytes.length) : 0;
    if (at < bytes.length) this.#keep(bytes, at);
    else if (!gate.isBlocked) return true;
    this.#isStopped = true;
    if (this.#pending === undefined || this.window > 0) gate.add(this);
    return false;
  }

  end(trailers?: Headers): void {
    if (this.#state !== "open") return;
    if (this.#left > 0) return this.#break(undefined);
    this.#state = "ending";
    const last = this.#end.trailersFor(trailers);
    if (this.#pending === undefined) this.#finish(last);
    else this.#trailers = last === undefined ? undefined : HeaderList.copyOf(last);
  }

  fail(failure: Failure): void {
    if (this.#state === "open") this.#break(failure);
  }

  flush(): void {
    // What was gathered leaves at the end of the turn.
  }

  /** It is this one's turn to send a frame. */
  step(): void {
    const gate = this.#gate as SendGate;
    const pending = this.#pending;
    if (pending !== undefined) {
      this.#from = this.#write(pending, this.#from, Math.min(pending.length, this.#from + LEAST_FRAME_BYTES));
      if (this.#from < pending.length) {
        if (this.window > 0) gate.add(this);
        return;
      }
      this.#pending = undefined;
    }
    if (this.#state === "ending") return this.#finish(this.#trailers);
    if (!this.#isStopped || this.#state !== "open") return;
    if (gate.isBlocked) return gate.add(this);
    this.#isStopped = false;
    this.#end.wantsMore();
  }

  /** Returns the position up to which it was allowed to write. */
  #write(bytes: Uint8Array, from: number, to: number): number {
    const gate = this.#gate as SendGate;
    let at = from;
    while (at < to && !gate.isBlocked) {
      const count = Math.min(to - at, LEAST_FRAME_BYTES, this.window, gate.window);
      if (count <= 0) break;
      this.#mark(gate.writer.data(this.#end.id, bytes, at, at + count, false));
      this.window -= count;
      gate.took(count);
      this.moved += count;
      at += count;
    }
    return at;
  }

  /** Copies what could not be written: it is borrowed. */
  #keep(bytes: Uint8Array, from: number): void {
    const rest = bytes.subarray(from);
    const held = this.#pending;
    this.#pending = held === undefined ? Buffer.from(rest) : Buffer.concat([held.subarray(this.#from), rest]);
    this.#from = 0;
  }

  #finish(trailers: Headers | undefined): void {
    const { writer, writes } = this.#gate as SendGate;
    this.close();
    if (trailers !== undefined && hasFields(trailers)) this.#end.writeTrailers(trailers);
    else if (this.#frameWrites !== writes || !writer.addEndStream(this.#frameAt, writes)) {
      writer.data(this.#end.id, NOTHING, 0, 0, true);
    }
    this.#end.sent();
  }

  #mark(frameAt: number): void {
    this.#frameAt = frameAt;
    this.#frameWrites = (this.#gate as SendGate).writes;
  }

  #break(failure: Failure | undefined): void {
    this.close();
    this.#end.sendBroken(failure);
  }
}

function hasFields(headers: Headers): boolean {
  for (let at = 0; at < headers.size; at++) if (!headers.dropped(at)) return true;
  return false;
}
