/** `io.l5d.path`: the first segments of the request's target are the name. */
import { definePlugin, type Exchange, type Identifier, Path, s } from "linkspan/plugin";
import { endOfPath } from "./target.ts";

/** With `consume` the segments are taken off the target that goes on. */
export class PathIdentifier implements Identifier {
  readonly reason = "not enough segments in path";
  readonly #segments: number;
  readonly #consume: boolean;
  readonly #prefix: Path;
  /** The name that `key` found last, without its first slash: with `consume` the request has it no more. */
  #found = "";

  constructor(segments: number, consume: boolean, prefix: Path) {
    this.#segments = segments;
    this.#consume = consume;
    this.#prefix = prefix;
  }

  key(x: Exchange): string | undefined {
    const { target } = x.request;
    if (!target.startsWith("/")) return undefined;
    const end = endOfPath(target);
    let at = 0;
    for (let left = this.#segments; left > 0; left--) {
      // `at` is the slash before the segment; an empty segment names nothing.
      if (at >= end) return undefined;
      const slash = target.indexOf("/", at + 1);
      const next = slash < 0 || slash > end ? end : slash;
      if (next === at + 1) return undefined;
      at = next;
    }
    this.#found = target.slice(1, at);
    if (this.#consume) x.request.target = at < end ? target.slice(at) : `/${target.slice(end)}`;
    return this.#found;
  }

  path(): Path {
    return this.#prefix.concat(Path.from(this.#found.split("/")));
  }
}

export default definePlugin({
  api: 1,
  family: "identifier",
  kind: "io.l5d.path",
  protocols: ["http", "h2"],
  schema: s.object({
    segments: s.integer({ doc: "How many segments make the name.", min: 1, default: 1 }),
    consume: s.boolean({ doc: "Whether they are taken off the target that goes on.", default: false }),
  }),
  create: (config, context) => new PathIdentifier(config.segments, config.consume, context.dstPrefix),
});
