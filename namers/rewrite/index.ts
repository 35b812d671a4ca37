/** `io.l5d.rewrite`: makes another path of each path that matches a pattern. */
import { definePlugin, Path, Pattern, RewritingNamer, s } from "linkspan/plugin";

const patternKey = s.text<Pattern>(
  { expected: "a pattern such as /{service}/*/api", parse: (text) => Pattern.read(text) },
  { doc: "What a path must begin with: elements, `*` for any one, `{name}` for what `name` takes over." },
);

const schema = s.object(
  {
    pattern: patternKey,
    name: s.string({ doc: "The path that is looked up instead, with each `{name}` as the pattern found it." }),
  },
  {
    check: ({ pattern, name }) => {
      const missing = [...name.matchAll(/\{([^{}]*)\}/g)].find(
        ([, capture = ""]) => !pattern.captures.includes(capture),
      );
      if (missing) return [{ at: ["name"], message: `${missing[0]} is not in the pattern ${pattern.show}` }];
      return isPath(name.replaceAll(/\{[^{}]*\}/g, "x")) ? [] : [{ at: ["name"], message: `${name} is no path` }];
    },
  },
);

function isPath(text: string): boolean {
  try {
    return text !== "" && Path.read(text).size >= 0;
  } catch {
    return false;
  }
}

/** What follows the pattern is dropped. `undefined` also where what was captured makes no path of `name`. */
export function rewritten(pattern: Pattern, name: string, path: Path): Path | undefined {
  if (!pattern.matches(path)) return undefined;
  const filled = pattern.fill(name, path);
  return isPath(filled) ? Path.read(filled) : undefined;
}

export default definePlugin({
  api: 1,
  family: "namer",
  kind: "io.l5d.rewrite",
  schema,
  needsPrefix: true,
  lists: "nothing",
  create: ({ pattern, name }) => new RewritingNamer((path) => rewritten(pattern, name, path)),
});
