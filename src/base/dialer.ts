/** How the product reaches the network: interfaces, so that tests can replace it. */
import type { Duplex } from "node:stream";

export interface DialOptions {
  readonly timeoutMs?: number;
}

/** Opens byte streams. Rejects with an Error that says what was dialled. */
export interface Dialer {
  connect(host: string, port: number, options: DialOptions, signal: AbortSignal): Promise<Duplex>;
}

/** Host names to addresses, with their time to live. An IP literal is its own answer. */
export interface Resolver {
  addresses(
    host: string,
    signal: AbortSignal,
  ): Promise<{ readonly addresses: readonly string[]; readonly ttlMs: number }>;
}
