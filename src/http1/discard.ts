/** A sink for bodies that nobody wants any more. */
import type { BodySink } from "../http/body.ts";

/** Counts what it throws away. */
export class DiscardSink implements BodySink {
  bytes = 0;

  chunk(bytes: Uint8Array): boolean {
    this.bytes += bytes.length;
    return true;
  }

  end(): void {
    // The owner sees that its reader is done.
  }

  fail(): void {
    // The owner closes the connection.
  }

  flush(): void {
    // Nothing was gathered.
  }
}
