/** Bodies as pushes from a source into a sink, with back-pressure. */
import type { Failure } from "../base/failure.ts";
import type { Headers } from "./headers.ts";

/** Where a body goes. After `end` or `fail` nothing more comes. */
export interface BodySink {
  /** `bytes` are borrowed until it returns: who keeps them copies them. `false` means: stop until `drained`. */
  chunk(bytes: Uint8Array): boolean;
  end(trailers?: Headers): void;
  /** The body is broken off: what was sent must not look whole. */
  fail(failure: Failure): void;
  /** The source has nothing more at this moment: what was gathered must leave now. */
  flush(): void;
}

/** Where a body comes from. */
export interface BodySource {
  /** Bytes that will come, 0 for no body, -1 when only its end will tell. */
  readonly length: number;
  /** Whether a byte of it was delivered already: such a body cannot be sent again. */
  readonly started: boolean;
  /**
   * Starts delivery into `sink`, at once and synchronously for what is here already; then, or as soon as whoever is on
   * the stack has looked for more, the sink hears `end` or `flush`. Once for each attempt.
   */
  pipe(sink: BodySink): void;
  /** The sink that said "stop" can take more. */
  drained(): void;
  /** The attempt is over, and there will be another: its sink hears nothing more, and what comes waits for the next. */
  rewind?(): void;
}

/** Takes what nobody wants. */
export const discard: BodySink = Object.freeze({
  chunk: () => true,
  end: () => undefined,
  fail: () => undefined,
  flush: () => undefined,
});

/** A body of no bytes: `pipe` ends the sink at once. */
export const noBody: BodySource = Object.freeze({
  length: 0,
  started: false,
  pipe: (sink: BodySink) => sink.end(),
  drained: () => undefined,
});
