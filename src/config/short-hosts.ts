/** Routes of the short form by host: a mapping, of which `*` is the rest. */
import type { HttpProtocol } from "./client-schema.ts";
import type { At } from "./field.ts";
import { type EntryReader, has } from "./short-entry.ts";
import { refuseSettings, type Route, type RouteLead } from "./short-route.ts";
import { routeSchema, type Targets } from "./short-schema.ts";
import { alternativesOf, elementOf, hasCallersName, isAddress, targetsOf } from "./targets.ts";

const REST = "*";

/** Reads the mapping. */
export class HostReader {
  readonly #reader: EntryReader;
  readonly #hosts = new Map<string, string>();
  constructor(reader: EntryReader) {
    this.#reader = reader;
  }

  /** The route `*` comes first, so that the others stand above it. */
  read(written: Readonly<Record<string, unknown>>): readonly Route[] | undefined {
    const keys = Object.keys(written).toSorted((a, b) => Number(b === REST) - Number(a === REST));
    const rest = REST in written ? this.#entry(REST, written[REST]) : undefined;
    const read = keys.map((key) => (key === REST ? rest?.route : this.#entry(key, written[key], rest)?.route));
    return read.every((route) => route !== undefined) ? read : undefined;
  }

  #entry(key: string, value: unknown, rest?: { readonly to: Targets }): { route: Route; to: Targets } | undefined {
    const at: At = ["routes", key];
    const isWhole = has(value, "to");
    const isFree = this.#claim(key, at);
    const host = key === REST ? undefined : key.toLowerCase();
    const parsed = this.#reader.parse(routeSchema, isWhole ? value : { to: value }, at, isWhole);
    if (parsed === undefined && isWhole) this.#reader.checkTargets(value, host, at);
    if (parsed === undefined || !isFree) return undefined;
    const { to, ...settings } = parsed;
    if (key === REST) refuseSettings(Object.keys(settings), "the rest of the hosts", at, this.#reader.problems);
    const lead = (protocol: HttpProtocol) => this.#lead(to, host, protocol, isWhole ? [...at, "to"] : at, rest?.to);
    const [http, h2] = [lead("http"), lead("h2")];
    if (http === undefined || h2 === undefined) return undefined;
    const name = host === undefined ? "/svc" : `/svc/${elementOf(host)}`;
    const shadows = this.#reader.shadows(settings.shadow?.to, host, at);
    return { route: { at, name, leads: { http, h2 }, settings, shadows }, to };
  }

  #lead(to: Targets, host: string | undefined, protocol: HttpProtocol, at: At, rest?: Targets): RouteLead | undefined {
    const own = this.#reader.lead(to, host, protocol, at);
    if (own === undefined) return undefined;
    const tail = rest && host !== undefined ? this.#restOf(rest, host, protocol) : undefined;
    const prefix = host === undefined ? restPrefix(to) : `/svc/${elementOf(host)}`;
    const alternatives = tail === undefined ? own.alternatives : beside(own.alternatives, tail);
    return { ...own, dentry: `${prefix} => ${alternatives.join(" | ")}` };
  }

  /** What the rest of the hosts leads that host to. */
  #restOf(rest: Targets, host: string, protocol: HttpProtocol): readonly string[] | undefined {
    const passed = restPrefix(rest) === "/svc" ? `/${elementOf(host)}` : "";
    const shown = (target: string): string =>
      `${this.#reader.name(target, host, protocol).show}${hasCallersName(target) || isAddress(target) ? "" : passed}`;
    return alternativesOf(rest, shown);
  }

  #claim(key: string, at: At): boolean {
    const host = key.toLowerCase();
    const other = this.#hosts.get(host);
    this.#hosts.set(host, key);
    if (!/^(?:\*|[^\s/:*[\]]+|\[[0-9a-f:.]+\])$/.test(host)) {
      const message = `\`${key}\` is not a host`;
      this.#reader.problems.add({ at, key: true, message, expected: "a host, without port or path" });
      return false;
    }
    if (other === undefined) return true;
    const message = `hosts differ in more than case, but \`${other}\` is above`;
    this.#reader.problems.add({ at, key: true, message });
    return false;
  }
}

/** The caller's name is passed on where a target has it, or where it can do nothing to any of them. */
function restPrefix(rest: Targets): string {
  const targets = targetsOf(rest);
  return targets.some(hasCallersName) || targets.every(isAddress) ? "/svc" : "/svc/*";
}

/** Below a host's own alternatives stand those of the rest: nothing more is to be said of them, or they are cut off. */
function beside(own: readonly string[], rest: readonly string[]): readonly string[] {
  const first = own.length - rest.length;
  const endsWithRest = first >= 0 && rest.every((each, at) => own[first + at] === each);
  if (!endsWithRest) return [...own, "!"];
  return first === 0 ? own : own.slice(0, first);
}
