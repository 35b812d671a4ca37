/** Calls the endpoints of a service by the name that its registry says they answer to (`setHost` of Consul). */
import type { Exchange } from "../../http/exchange.ts";
import { Filter } from "../../http/filter.ts";
import type { Headers } from "../../http/headers.ts";
import type { ClusterSlots } from "../slots.ts";

/** Fields of answers that have the name of the service in a URL. */
const REDIRECTS = ["location", "refresh"] as const;

/**
 * Has an attempt ask for `authority`, if there is one; `host` stands for `:authority` too. The cluster does so when it has
 * addresses: an exchange may have waited for them.
 */
export function askFor(authority: string | undefined, x: Exchange, { askedHost }: ClusterSlots): void {
  if (authority === undefined) return;
  const { headers } = x.request;
  const before = x.values[askedHost] as Rewritten | undefined;
  x.values[askedHost] = new Rewritten(authority, before === undefined ? headers.get("host") : before.asked);
  headers.set("host", authority);
}

/** Puts the host into a copy of the request's headers that the caller asked for, whatever the attempt asks for. */
export function restoreHost(x: Exchange, headers: Headers, { askedHost }: Pick<ClusterSlots, "askedHost">): void {
  const rewritten = x.values[askedHost] as Rewritten | undefined;
  if (rewritten === undefined) return;
  if (rewritten.asked === undefined) headers.remove("host");
  else headers.set("host", rewritten.asked);
}

/** Undoes it in what comes back, and when the attempt is over, as another may go elsewhere. */
export class RewriteHost extends Filter {
  readonly #slot: number;

  constructor(slots: ClusterSlots) {
    super();
    this.#slot = slots.askedHost;
  }

  override respond(x: Exchange): void {
    const rewritten = x.values[this.#slot] as Rewritten | undefined;
    if (rewritten !== undefined && x.failure === undefined) rewritten.undoIn(x.response.headers);
    this.prev.respond(x);
  }

  override finish(x: Exchange): void {
    const rewritten = x.values[this.#slot] as Rewritten | undefined;
    if (rewritten !== undefined) {
      x.values[this.#slot] = undefined;
      const { headers } = x.request;
      if (rewritten.asked === undefined) headers.remove("host");
      else headers.set("host", rewritten.asked);
    }
    this.prev.finish(x);
  }
}

/** One request's host, as it was asked for and as it went on. */
class Rewritten {
  readonly #authority: string;
  readonly asked: string | undefined;

  constructor(authority: string, asked: string | undefined) {
    this.#authority = authority.toLowerCase();
    this.asked = asked;
  }

  undoIn(headers: Headers): void {
    if (this.asked === undefined) return;
    for (const name of REDIRECTS) {
      const value = headers.get(name);
      const undone = value === undefined ? undefined : this.#undone(value, this.asked);
      if (undone !== undefined && undone !== value) headers.set(name, undone);
    }
  }

  /** Where a URL in `value` is of the service itself, it becomes one of whom the caller asked; ports count. */
  #undone(value: string, asked: string): string {
    return value.replaceAll(/\/\/([^/?#;,\s"'<>]*)/g, (whole, host: string) =>
      host.toLowerCase() === this.#authority ? `//${asked}` : whole,
    );
  }
}
