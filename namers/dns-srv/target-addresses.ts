/** The addresses of the hosts that SRV records name. */
import { isIPv4 } from "node:net";
import { type Resolver, Turnstile } from "linkspan/plugin";
import type { DnsRecord } from "./message.ts";

/** Undefined: there is no such host. */
export type Found = { readonly addresses: readonly string[]; readonly ttlMs: number } | undefined;

const AT_ONCE = 16;
/** No name can have more records in one answer. */
const WAITING = 65_535;

/** One a service; remembers what its hosts had last, for when nobody can be asked about one of them. */
export class TargetAddresses {
  readonly #resolve: Resolver;
  readonly #turnstile = new Turnstile(AT_ONCE, WAITING);
  #last: ReadonlyMap<string, Found> = new Map();

  constructor(resolve: Resolver) {
    this.#resolve = resolve;
  }

  /**
   * Each target's addresses: what the server sent along, else what it resolves to now, else what it had last. An Error
   * for one that cannot be asked about and never was.
   */
  async of(
    targets: Iterable<string>,
    additionals: readonly DnsRecord[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Found | Error>> {
    const found = await Promise.all(
      [...new Set(targets)].map(async (target) => [target, await this.#one(target, additionals, signal)] as const),
    );
    const known = found.flatMap(([target, each]) => (each instanceof Error ? [] : [[target, each] as const]));
    this.#last = new Map(known);
    return new Map(found);
  }

  async #one(target: string, additionals: readonly DnsRecord[], signal: AbortSignal): Promise<Found | Error> {
    const sent = additionals.flatMap((each) => (each.type === "A" && each.name === target ? [each] : []));
    if (sent.length > 0) {
      return { addresses: sent.map((each) => each.address), ttlMs: Math.min(...sent.map((each) => each.ttlMs)) };
    }
    try {
      const { addresses, ttlMs } = await this.#turnstile.pass(() => this.#resolve.addresses(`${target}.`, signal));
      return { addresses: callable(addresses), ttlMs };
    } catch (error) {
      signal.throwIfAborted();
      if (isNoSuchHost(error)) return undefined;
      if (this.#last.has(target)) return this.#last.get(target);
      return error instanceof Error ? error : new Error(String(error));
    }
  }
}

/** An endpoint with addresses of both families is one endpoint, and IPv4 is what every host can call. */
export function callable(addresses: readonly string[]): readonly string[] {
  const v4 = addresses.filter((address) => isIPv4(address));
  return v4.length > 0 ? v4 : addresses;
}

export function isNoSuchHost(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOTFOUND";
}
