/** The plugins under `/$/` that rewrite a path, of a rule and a kind each. */
import { definePlugin, type Path, RewritingNamer, s } from "linkspan/plugin";

/** What a rule makes of a path without its `/$/` and kind; nothing where it is not for that path. */
export type Rule = (path: Path) => Path | undefined;

export function rewriting(kind: string, rule: Rule) {
  return definePlugin({
    api: 1,
    family: "systemNamer",
    kind,
    schema: s.object({}),
    create: () => new RewritingNamer(rule),
  });
}

/** The same rule behind one element of any kind, which stays before what the rule makes. */
export function behindPrefix(rule: Rule): Rule {
  return (path) => {
    if (path.size < 2) return undefined;
    const rest = rule(path.drop(1));
    return rest && path.take(1).concat(rest);
  };
}
