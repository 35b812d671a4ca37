/** Names a request. */
import type { Path } from "../naming/path.ts";
import type { Exchange } from "../http/exchange.ts";

export interface Identifier {
  /** Runs for each request, and must tell names apart. `undefined`: this identifier does not know the request. */
  key(x: Exchange): string | undefined;
  /** Runs once for each new key. */
  path(x: Exchange): Path;
  /** Why the last `key` said `undefined`; one sentence for the caller. */
  readonly reason: string;
  /** Whether it did so for want of what a registry has not said yet, which is no mistake of the caller's. */
  readonly isWaiting?: boolean;
}
