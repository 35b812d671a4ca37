/** A sink that keeps what it gets, and stops its source when the test says so. */
import type { Failure } from "../../src/base/failure.ts";
import type { BodySink } from "../../src/http/body.ts";
import type { Headers } from "../../src/http/headers.ts";

export class CollectingSink implements BodySink {
  text = "";
  chunks = 0;
  flushes = 0;
  state: "open" | "ended" | "failed" = "open";
  failure: Failure | undefined;
  trailers: Headers | undefined;
  /** Whether each chunk is answered by "stop". */
  stops = false;

  chunk(bytes: Uint8Array): boolean {
    this.text += Buffer.from(bytes).toString("latin1");
    this.chunks++;
    return !this.stops;
  }

  end(trailers?: Headers): void {
    this.state = "ended";
    this.trailers = trailers;
  }

  fail(failure: Failure): void {
    this.state = "failed";
    this.failure = failure;
  }

  flush(): void {
    this.flushes++;
  }
}
