/** Calls the endpoints of a service by the name that its registry says they answer to (`setHost` of Consul). */
import type { Exchange } from "../../http/exchange.ts";
import { Filter } from "../../http/filter.ts";
import type { Headers } from "../../http/headers.ts";
import type { ClusterSlots } from "../slots.ts";

/** What is known of a cluster's addresses as a whole. */
export interface WithMeta {
  readonly meta: Readonly<Record<string, string>>;
}

/** Fields of answers that have the name of the service in a URL. */
const REDIRECTS = ["location", "refresh"] as const;

/** `host` stands for `:authority` too. What was asked for comes back when the attempt is over: another may go elsewhere. */
export class RewriteHost extends Filter {
  readonly #cluster: WithMeta;
  readonly #slot: number;

  constructor(cluster: WithMeta, slots: ClusterSlots) {
    super();
    this.#cluster = cluster;
    this.#slot = slots.askedHost;
  }

  override dispatch(x: Exchange): void {
    const { authority } = this.#cluster.meta;
    if (authority !== undefined) {
      const { headers } = x.request;
      x.values[this.#slot] = new Rewritten(authority, headers.get("host"));
      headers.set("host", authority);
    }
    this.next.dispatch(x);
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
