/** A body on its way through gzip: what comes is compressed, and leaves whenever its source has nothing more at hand. */
import { constants, createGzip, type Gzip } from "node:zlib";
import { type Failure, failures } from "../base/failure.ts";
import type { BodySink, BodySource } from "./body.ts";
import type { Headers } from "./headers.ts";

/** Compression does not happen at once: the end of the source is not the end of the body, which tells by `over`. */
export class GzipBody implements BodySource, BodySink {
  readonly length = -1;
  readonly #source: BodySource;
  readonly #gzip: Gzip;
  readonly #over: () => void;
  #sink: BodySink | undefined = undefined;
  #trailers: Headers | undefined = undefined;
  #isStopped = false;
  #flushes = 0;
  #isOver = false;

  /** `over` is called once, when the sink has heard the end of it, or never will. */
  constructor(source: BodySource, level: number, over: () => void) {
    this.#source = source;
    this.#over = over;
    this.#gzip = createGzip({ level });
    this.#gzip.on("data", (bytes: Buffer) => this.#give(bytes));
    this.#gzip.on("drain", () => this.#resumeSource());
    this.#gzip.on("end", () => this.#ended());
    this.#gzip.on("error", () => this.fail(failures.internal));
  }

  get started(): boolean {
    return this.#source.started;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  pipe(sink: BodySink): void {
    this.#sink = sink;
    this.#source.pipe(this);
  }

  /** The sink takes more. */
  drained(): void {
    this.#gzip.resume();
  }

  chunk(bytes: Uint8Array): boolean {
    if (this.#isOver) return true;
    const takes = this.#gzip.write(Uint8Array.from(bytes));
    this.#isStopped = !takes;
    return takes;
  }

  end(trailers?: Headers): void {
    if (this.#isOver) return;
    this.#trailers = trailers;
    this.#gzip.end();
  }

  fail(failure: Failure): void {
    if (this.#isOver) return;
    this.#close();
    this.#sink?.fail(failure);
    this.#over();
  }

  /** What was said so far can be read, although more will come. */
  flush(): void {
    if (this.#isOver || this.#flushes > 0) return;
    this.#flushes++;
    this.#gzip.flush(constants.Z_SYNC_FLUSH, () => {
      this.#flushes--;
      if (!this.#isOver) this.#sink?.flush();
    });
  }

  /** Nobody takes it any more: the sink hears nothing of it. */
  abandon(): void {
    if (this.#isOver) return;
    this.#close();
    this.#over();
  }

  #give(bytes: Buffer): void {
    if (!this.#isOver && this.#sink?.chunk(bytes) === false) this.#gzip.pause();
  }

  #resumeSource(): void {
    if (!this.#isStopped || this.#isOver) return;
    this.#isStopped = false;
    this.#source.drained();
  }

  #ended(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#sink?.end(this.#trailers);
    this.#over();
  }

  #close(): void {
    this.#isOver = true;
    this.#gzip.destroy();
  }
}
