/** The rules of all Ingresses at one moment, and which of them a request meets. */
import type { IngressBackend, IngressEntry, IngressRule, PathRule } from "./ingress-object.ts";

/** Rules stand in the order of their Ingresses' names, and then as they are written; the first that fits counts. */
export class IngressTable {
  static readonly empty = new IngressTable([], true);

  readonly #byHost = new Map<string, IngressRule[]>();
  /** Those of no host, or of any under a domain, are in every host's list. */
  readonly #common: readonly IngressRule[];
  readonly #fallback: IngressBackend | undefined;
  readonly size: number;

  /** Default backends come after the rules of all Ingresses, the first of them alone. */
  constructor(entries: Iterable<IngressEntry>, ignoreDefaults: boolean) {
    const sorted = [...entries].sort((a, b) => (a.key < b.key ? -1 : 1));
    const rules = sorted.flatMap((entry) => entry.rules);
    this.size = sorted.length;
    this.#common = rules.filter(({ host }) => host === undefined || host.startsWith("*."));
    const hosts = new Set(rules.flatMap(({ host }) => (host === undefined || host.startsWith("*.") ? [] : [host])));
    for (const host of hosts) {
      this.#byHost.set(
        host,
        rules.filter((rule) => rule.host === host || rule.host === undefined || rule.host.startsWith("*.")),
      );
    }
    this.#fallback = ignoreDefaults ? undefined : sorted.find(({ fallback }) => fallback)?.fallback;
  }

  /** `host` in small letters and without its port, `path` without its query. */
  find(host: string | undefined, path: string): IngressBackend | undefined {
    const rules = (host === undefined ? undefined : this.#byHost.get(host)) ?? this.#common;
    const rule = rules.find((each) => isFor(each.host, host) && matches(each.path, path));
    return rule?.backend ?? this.#fallback;
  }
}

function isFor(rule: string | undefined, host: string | undefined): boolean {
  if (rule === undefined || rule === host) return true;
  if (host === undefined || !rule.startsWith("*.")) return false;
  const dot = host.indexOf(".");
  return dot > 0 && host.slice(dot) === rule.slice(1);
}

function matches(rule: PathRule, path: string): boolean {
  switch (rule.type) {
    case "any":
      return true;
    case "exact":
      return path === rule.path;
    case "prefix":
      return path.startsWith(rule.path) && (path.length === rule.path.length || path[rule.path.length] === "/");
    case "regex":
      return rule.pattern.test(path);
  }
}
