/** A body that can be sent again while all of it that has come is little enough to be kept. */
import type { Failure } from "../base/failure.ts";
import type { BodySink, BodySource } from "./body.ts";
import { HeaderList } from "./header-list.ts";
import type { Headers } from "./headers.ts";

/**
 * Stands between a source and the sinks of the attempts. Between two of them it stops the source; nothing that has come
 * is lost, and a later attempt gets it before what follows.
 */
export class ReplayBody implements BodySource, BodySink {
  readonly #source: BodySource;
  readonly #limit: number;
  #sink: BodySink | undefined = undefined;
  #isPiped = false;
  /** What has come, while it is kept. */
  #kept: Uint8Array[] = [];
  #size = 0;
  #isKeeping = true;
  /** The source was told to stop. */
  #isStopped = false;
  #hasEnded = false;
  #trailers: Headers | undefined = undefined;
  #failure: Failure | undefined = undefined;

  /** Keeps `limit` bytes at most. */
  constructor(source: BodySource, limit: number) {
    this.#source = source;
    this.#limit = limit;
  }

  get length(): number {
    return this.#source.length;
  }

  /** Whether a byte of it is gone for good. */
  get started(): boolean {
    return !this.#isKeeping && this.#size > 0;
  }

  pipe(sink: BodySink): void {
    this.#sink = sink;
    if (this.#isPiped) return this.#replay(sink);
    this.#isPiped = true;
    this.#source.pipe(this);
  }

  rewind(): void {
    this.#sink = undefined;
    if (!this.#isPiped) this.#source.rewind?.();
  }

  /** No further attempt will be made. */
  commit(): void {
    this.#isKeeping = false;
    this.#kept = [];
  }

  drained(): void {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    this.#source.drained();
  }

  chunk(bytes: Uint8Array): boolean {
    const sink = this.#sink;
    this.#size += bytes.length;
    if (this.#isKeeping) this.#keep(bytes, sink === undefined);
    const takes = sink?.chunk(bytes) === true;
    // An attempt that has failed in this may have been followed by another one, which got these bytes too.
    if (this.#sink !== sink) return !this.#isStopped;
    if (!takes) this.#isStopped = true;
    return takes;
  }

  end(trailers?: Headers): void {
    this.#hasEnded = true;
    if (this.#isKeeping && trailers !== undefined) this.#trailers = HeaderList.copyOf(trailers);
    this.#sink?.end(trailers);
  }

  fail(failure: Failure): void {
    this.#failure = failure;
    this.#sink?.fail(failure);
  }

  flush(): void {
    this.#sink?.flush();
  }

  /** What comes between two attempts is kept whatever its size, for nobody else has it: it is one chunk at most. */
  #keep(bytes: Uint8Array, isOnlyHere: boolean): void {
    if (isOnlyHere || this.#size <= this.#limit) this.#kept.push(Uint8Array.from(bytes));
    else this.commit();
  }

  #replay(sink: BodySink): void {
    const takes = this.#kept.length === 0 || sink.chunk(this.#all());
    if (this.#sink !== sink) return;
    if (this.#size > this.#limit) this.commit();
    if (this.#failure !== undefined) return sink.fail(this.#failure);
    if (this.#hasEnded) return sink.end(this.#trailers);
    sink.flush();
    if (takes) this.drained();
  }

  #all(): Uint8Array {
    const [first, second] = this.#kept;
    if (first !== undefined && second === undefined) return first;
    const all = Buffer.concat(this.#kept);
    this.#kept = [all];
    return all;
  }
}
