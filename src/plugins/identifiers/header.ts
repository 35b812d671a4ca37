/** `io.l5d.header`: the value of a header is the name, written as a path. */
import { definePlugin, type Exchange, type Identifier, Path, s } from "linkspan/plugin";

/** A value that is not a path is an error, not a request for the next identifier. */
export class HeaderIdentifier implements Identifier {
  readonly reason: string;
  readonly #header: string;
  readonly #prefix: Path;

  constructor(header: string, prefix: Path) {
    this.#header = header.toLowerCase();
    this.#prefix = prefix;
    this.reason = `${header} header is absent`;
  }

  key(x: Exchange): string | undefined {
    return x.request.headers.get(this.#header);
  }

  path(x: Exchange): Path {
    return this.#prefix.concat(Path.read(this.key(x) ?? ""));
  }
}

export default definePlugin({
  api: 1,
  family: "identifier",
  kind: "io.l5d.header",
  protocols: ["http", "h2"],
  schema: s.object({
    header: s.string({ doc: "The header whose value is a path such as /users.", default: "l5d-name" }),
  }),
  create: (config, context) => new HeaderIdentifier(config.header, context.dstPrefix),
});
