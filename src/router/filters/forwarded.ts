/** Tells the endpoint in `Forwarded` (RFC 7239) from whom a request comes, and through whom. */
import type { Random } from "../../base/time.ts";
import type { Exchange } from "../../http/exchange.ts";
import { Filter } from "../../http/filter.ts";
import { isToken } from "../../http/grammar.ts";

/** How one side of the proxy is called: by its address, or by a name that means nothing elsewhere. */
export type LabelParams =
  | { readonly kind: "ip" | "ip:port" | "requestRandom" | "connectionRandom" | "router" }
  | { readonly kind: "static"; readonly label: string };

export interface ForwardedParams {
  /** This proxy. */
  readonly by: LabelParams;
  /** The caller. */
  readonly for: LabelParams;
}

const UNKNOWN = "unknown";
const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const RANDOM_LETTERS = 6;

type Label = (x: Exchange) => string;

/** One element more, behind those that are there. */
export class Forwarded extends Filter {
  readonly #by: Label;
  readonly #for: Label;

  constructor(params: ForwardedParams, router: string, random: Random) {
    super();
    const own = (x: Exchange): Side => ({ host: x.caller?.localAddress, port: x.caller?.localPort });
    const callers = (x: Exchange): Side => ({ host: x.remoteAddress, port: x.caller?.remotePort });
    this.#by = labelOf(params.by, own, router, random);
    this.#for = labelOf(params.for, callers, router, random);
  }

  override dispatch(x: Exchange): void {
    const { headers, version } = x.request;
    const host = headers.get("host");
    const isHttp2 = version === 20;
    const asked = host === undefined ? "" : `;${isHttp2 ? "authority" : "host"}=${quoted(host)}`;
    const scheme = isHttp2 ? `;proto=${x.scheme}` : "";
    headers.append("Forwarded", `by=${this.#by(x)};for=${this.#for(x)}${asked}${scheme}`);
    this.next.dispatch(x);
  }
}

interface Side {
  readonly host: string | undefined;
  readonly port: number | undefined;
}

function labelOf(params: LabelParams, side: (x: Exchange) => Side, router: string, random: Random): Label {
  switch (params.kind) {
    case "ip":
      return (x) => address(side(x).host);
    case "ip:port":
      return (x) => addressAndPort(side(x));
    case "requestRandom":
      return () => obfuscated(random);
    case "connectionRandom":
      return perConnection(random);
    case "router":
      return constant(router);
    case "static":
      return constant(params.label);
  }
}

function constant(label: string): Label {
  const shown = quoted(label.startsWith("_") ? label : `_${label}`);
  return () => shown;
}

function perConnection(random: Random): Label {
  const labels = new WeakMap<object, string>();
  return (x) => {
    if (x.caller === undefined) return UNKNOWN;
    const label = labels.get(x.caller) ?? obfuscated(random);
    labels.set(x.caller, label);
    return label;
  };
}

function obfuscated(random: Random): string {
  let label = "_";
  for (let at = 0; at < RANDOM_LETTERS; at++) label += LETTERS[Math.floor(random.next() * LETTERS.length)];
  return label;
}

function address(host: string | undefined): string {
  if (host === undefined || host === "") return UNKNOWN;
  return host.includes(":") ? `"[${host}]"` : host;
}

function addressAndPort({ host, port }: Side): string {
  if (host === undefined || host === "" || port === undefined) return UNKNOWN;
  return `"${host.includes(":") ? `[${host}]` : host}:${port}"`;
}

/** A token as it is, anything else as a quoted string (RFC 9110 §5.6.4). */
function quoted(text: string): string {
  return isToken(text) ? text : `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
