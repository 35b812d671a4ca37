/** `io.l5d.header.path`: the first segments of a path in a header, `:path` if it is not said, are the name. */
import { definePlugin, type Exchange, type Identifier, Path, s } from "linkspan/plugin";
import { fieldOf } from "./pseudo-field.ts";
import { endOfPath } from "./target.ts";

/** As Linkerd 1 read it: without the query, and without one slash at the end. For gRPC `:path` is `/package.Service/Method`. */
export class HeaderPathIdentifier implements Identifier {
  readonly reason: string;
  readonly #header: string;
  /** Undefined: all there are. */
  readonly #segments: number | undefined;
  readonly #prefix: Path;

  constructor(header: string, segments: number | undefined, prefix: Path) {
    this.#header = header.toLowerCase();
    this.#segments = segments;
    this.#prefix = prefix;
    this.reason = `${this.#header} has ${segments === undefined ? "no path" : `no path of ${segments} segments`}`;
  }

  key(x: Exchange): string | undefined {
    const value = fieldOf(x, this.#header);
    if (value === undefined || !value.startsWith("/")) return undefined;
    let end = endOfPath(value);
    if (end > 1 && value.charCodeAt(end - 1) === SLASH) end--;
    if (end <= 1) return undefined;
    if (this.#segments === undefined) return value.slice(1, end);
    let at = 0;
    for (let left = this.#segments; left > 0; left--) {
      if (at >= end) return undefined;
      const slash = value.indexOf("/", at + 1);
      at = slash < 0 || slash > end ? end : slash;
    }
    return value.slice(1, at);
  }

  /** Throws where it is no path: such a request is refused, and no other identifier asked. */
  path(x: Exchange): Path {
    return this.#prefix.concat(Path.read(`/${this.key(x) ?? ""}`));
  }
}

const SLASH = 0x2f;

export default definePlugin({
  api: 1,
  family: "identifier",
  kind: "io.l5d.header.path",
  protocols: ["h2"],
  schema: s.object({
    header: s.string({ doc: "The header whose value is a path; `:path` is the request's own.", default: ":path" }),
    segments: s.optional(s.integer({ doc: "How many segments make the name; all if not said.", min: 1 })),
  }),
  create: (config, context) => new HeaderPathIdentifier(config.header, config.segments, context.dstPrefix),
});
