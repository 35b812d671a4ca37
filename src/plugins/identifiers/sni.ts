/** `linkspan.sni`: the server's name in a connection's TLS hello, in lower case, is its name. */
import { definePlugin, type Exchange, type Identifier, Path, s } from "linkspan/plugin";

export class SniIdentifier implements Identifier {
  readonly reason = "The TLS hello names no server";
  readonly #prefix: Path;

  constructor(prefix: Path) {
    this.#prefix = prefix;
  }

  key({ request: { target } }: Exchange): string | undefined {
    const name = target.slice(0, Math.max(0, target.lastIndexOf(":")));
    return name === "" ? undefined : name;
  }

  path(x: Exchange): Path {
    return this.#prefix.concat(Path.of(this.key(x) ?? ""));
  }
}

export default definePlugin({
  api: 1,
  family: "identifier",
  kind: "linkspan.sni",
  protocols: ["tcp"],
  schema: s.object({}),
  create: (_config, context) => new SniIdentifier(context.dstPrefix),
});
