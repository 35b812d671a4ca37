/** Counts the DATA of one side against the windows that the other side has opened: shares no code with what it watches. */
import { S, Splitter, T } from "./h2-frames.ts";

const STREAMS_WINDOW = 65_535;

export class WindowLedger {
  /** What is wrong, in words. */
  readonly faults: string[] = [];
  readonly counts = new Map<number, number>();
  other: WindowLedger | undefined;
  #connection = STREAMS_WINDOW;
  #initial = STREAMS_WINDOW;
  readonly #streams = new Map<number, number>();
  readonly #splitter = new Splitter();
  #preface: number;

  constructor(side: "caller" | "server") {
    this.#preface = side === "caller" ? 24 : 0;
  }

  saw(bytes: Buffer): void {
    const skipped = Math.min(this.#preface, bytes.length);
    this.#preface -= skipped;
    for (const { type, flags, id, payload } of this.#splitter.add(bytes.subarray(skipped))) {
      this.counts.set(type, (this.counts.get(type) ?? 0) + 1);
      if (type === T.DATA) this.#spend(id, payload.length);
      // What this side says of its own windows binds the other one.
      else if (type === T.WINDOW_UPDATE) this.other?.open(id, payload.readUInt32BE(0));
      else if (type === T.SETTINGS && flags === 0) this.#settings(payload);
    }
  }

  open(id: number, by: number): void {
    if (by < 1) this.faults.push(`a window is opened by ${by}`);
    if (id === 0) this.#connection += by;
    else this.#streams.set(id, this.#window(id) + by);
  }

  resize(initial: number): void {
    for (const [id, window] of this.#streams) this.#streams.set(id, window + initial - this.#initial);
    this.#initial = initial;
  }

  #settings(payload: Buffer): void {
    for (let at = 0; at < payload.length; at += 6) {
      if (payload.readUInt16BE(at) === S.INITIAL_WINDOW_SIZE) this.other?.resize(payload.readUInt32BE(at + 2));
    }
  }

  #window(id: number): number {
    return this.#streams.get(id) ?? this.#initial;
  }

  #spend(id: number, length: number): void {
    this.#connection -= length;
    this.#streams.set(id, this.#window(id) - length);
    if (this.#connection < 0) this.faults.push("more than the connection's window");
    // A frame that was written before the settings were read went by the window of before.
    if (length > 0 && this.#window(id) < Math.min(0, this.#initial - STREAMS_WINDOW))
      this.faults.push(`more than the window of ${id}`);
  }
}
