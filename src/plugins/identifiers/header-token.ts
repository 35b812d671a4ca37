/** `io.l5d.header.token`: the value of a header, as it stands, is the name. */
import { definePlugin, type Exchange, type Identifier, Path, s } from "linkspan/plugin";
import { fieldOf } from "./pseudo-field.ts";

/** Case and port are kept: `Users:8080` is another name than `users`. */
export class HeaderTokenIdentifier implements Identifier {
  readonly reason: string;
  readonly #header: string;
  readonly #prefix: Path;

  constructor(header: string, prefix: Path) {
    this.#header = header.toLowerCase();
    this.#prefix = prefix;
    this.reason = `${header} header is absent`;
  }

  key(x: Exchange): string | undefined {
    const value = fieldOf(x, this.#header);
    return value === "" ? undefined : value;
  }

  path(x: Exchange): Path {
    return this.#prefix.concat(Path.of(this.key(x) ?? ""));
  }
}

export default definePlugin({
  api: 1,
  family: "identifier",
  kind: "io.l5d.header.token",
  protocols: ["http", "h2"],
  schema: s.object({
    header: s.string({
      doc: "The header whose value names the service; `:authority` on h2 routers, if not said.",
      default: "Host",
    }),
  }),
  create: (config, context) => new HeaderTokenIdentifier(config.header, context.dstPrefix),
});
