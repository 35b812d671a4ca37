/** A body that goes on as it comes, from one source to one sink at a time: what is to see it on its way extends this. */
import type { Failure } from "../base/failure.ts";
import type { BodySink, BodySource } from "./body.ts";
import type { Headers } from "./headers.ts";

export class PassedBody implements BodySource, BodySink {
  protected readonly source: BodySource;
  protected sink: BodySink | undefined = undefined;

  constructor(source: BodySource) {
    this.source = source;
  }

  get length(): number {
    return this.source.length;
  }

  get started(): boolean {
    return this.source.started;
  }

  pipe(sink: BodySink): void {
    this.sink = sink;
    this.source.pipe(this);
  }

  drained(): void {
    this.source.drained();
  }

  chunk(bytes: Uint8Array): boolean {
    return this.sink?.chunk(bytes) === true;
  }

  end(trailers?: Headers): void {
    this.sink?.end(trailers);
  }

  fail(failure: Failure): void {
    this.sink?.fail(failure);
  }

  flush(): void {
    this.sink?.flush();
  }
}
