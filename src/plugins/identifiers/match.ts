/** `linkspan.match`: the first route whose host, path, method and headers match is the name. */
import {
  definePlugin,
  type Exchange,
  hostOf,
  type Identifier,
  type Infer,
  matchFields,
  Path,
  s,
  type SchemaProblem,
} from "linkspan/plugin";
import { MatchRule } from "./match-rule.ts";

/** Ways of writing a known host, with its port or in capitals, that are remembered. */
const MOST_SPELLINGS = 256;

export class MatchIdentifier implements Identifier {
  readonly reason = "no route matches the request";
  readonly #prefix: Path;
  /** By each host that a rule names: all rules that may match its requests, in their order. */
  readonly #byHost = new Map<string, readonly MatchRule[]>();
  readonly #bySpelling = new Map<string, readonly MatchRule[]>();
  /** Those of every other host. */
  readonly #others: readonly MatchRule[];

  constructor(rules: readonly MatchRule[], prefix: Path) {
    this.#prefix = prefix;
    this.#others = rules.filter(({ host }) => host === undefined);
    for (const { host } of rules) {
      if (host === undefined || this.#byHost.has(host)) continue;
      const own = rules.filter((rule) => rule.host === undefined || rule.host === host);
      this.#byHost.set(host, own);
      this.#bySpelling.set(host, own);
    }
  }

  key(x: Exchange): string | undefined {
    const rule = this.#find(x);
    if (rule === undefined) return undefined;
    // No route has a slash in it, so different names have different keys.
    return rule.addHost ? `${rule.route}/${hostOf(x.request.headers.get("host") ?? "")}` : rule.route;
  }

  path(x: Exchange): Path {
    const rule = this.#find(x);
    if (rule === undefined) return this.#prefix;
    const host = hostOf(x.request.headers.get("host") ?? "");
    return this.#prefix.concat(rule.addHost ? Path.of(rule.route, host) : Path.of(rule.route));
  }

  #find(x: Exchange): MatchRule | undefined {
    const value = x.request.headers.get("host");
    const rules = value === undefined ? this.#others : (this.#bySpelling.get(value) ?? this.#rulesOf(value));
    for (let at = 0; at < rules.length; at++) {
      const rule = rules[at] as MatchRule;
      if (rule.matches(x) && !(rule.addHost && isNobody(value))) return rule;
    }
    return undefined;
  }

  #rulesOf(value: string): readonly MatchRule[] {
    const rules = this.#byHost.get(hostOf(value));
    if (rules === undefined) return this.#others;
    if (this.#bySpelling.size < this.#byHost.size + MOST_SPELLINGS) {
      // A copy: the value may be a slice of the request's whole head.
      this.#bySpelling.set(Buffer.from(value, "latin1").toString("latin1"), rules);
    }
    return rules;
  }
}

function isNobody(value: string | undefined): boolean {
  return value === undefined || hostOf(value) === "";
}

const route = s.text({
  expected: "a name without slashes or white space",
  parse(text) {
    if (!/^[^\s/]+$/.test(text)) throw new Error(`${JSON.stringify(text)} is no name of a route`);
    return text;
  },
});

const entry = s.object({
  route,
  ...matchFields,
  addHost: s.boolean({ default: false, doc: "Whether the name goes on with the host: `/svc/ROUTE/HOST`." }),
});

const schema = s.object(
  {
    routes: s.list(entry, {
      least: 1,
      doc: "The first that matches names the request; one that says nothing matches every request.",
    }),
  },
  { check: ({ routes }) => unreachable(routes.map(ruleOf)) },
);

function ruleOf({ route: name, addHost, ...match }: Infer<typeof entry>): MatchRule {
  return new MatchRule(name, match, addHost);
}

/** Of each route that an earlier one takes all requests of. */
function unreachable(rules: readonly MatchRule[]): readonly SchemaProblem[] {
  return rules.flatMap((rule, at) => {
    const earlier = rules.findIndex((other, index) => index < at && other.covers(rule));
    if (earlier < 0) return [];
    const message = `no request comes to this route: route ${earlier + 1} matches all that it would`;
    return [{ at: ["routes", at], message, expected: `it before route ${earlier + 1}, or another match` }];
  });
}

export default definePlugin({
  api: 1,
  family: "identifier",
  kind: "linkspan.match",
  protocols: ["http", "h2"],
  schema,
  create: (config, context) => new MatchIdentifier(config.routes.map(ruleOf), context.dstPrefix),
});
