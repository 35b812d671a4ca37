/** Connections that can take an exchange: the most recently used on top, so that the others may grow old and close. */
import type { PooledConnection } from "./pooled-connection.ts";

/** The links are in the connections, so that one leaves from the middle as cheaply as from the top. */
export class ConnectionStack {
  top: PooledConnection | undefined;

  /** `slot` is not in it. */
  push(slot: PooledConnection): void {
    slot.isStacked = true;
    slot.below = this.top;
    if (this.top !== undefined) this.top.above = slot;
    this.top = slot;
  }

  /** Does nothing when it is not in it. */
  remove(slot: PooledConnection): void {
    if (!slot.isStacked) return;
    const { above, below } = slot;
    slot.isStacked = false;
    slot.above = undefined;
    slot.below = undefined;
    if (above === undefined) this.top = below;
    else above.below = below;
    if (below !== undefined) below.above = above;
  }
}
