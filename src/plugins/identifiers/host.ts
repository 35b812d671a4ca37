/** `linkspan.host`: the host in lower case, without its port, is the name. What the short form routes by. */
import { definePlugin, type Exchange, hostOf, type Identifier, Path, s } from "linkspan/plugin";

export class HostIdentifier implements Identifier {
  readonly reason = "Host header is absent";
  readonly #prefix: Path;

  constructor(prefix: Path) {
    this.#prefix = prefix;
  }

  key(x: Exchange): string | undefined {
    const value = x.request.headers.get("host");
    if (value === undefined) return undefined;
    const host = hostOf(value);
    return host === "" ? undefined : host;
  }

  path(x: Exchange): Path {
    return this.#prefix.concat(Path.of(this.key(x) ?? ""));
  }
}

export default definePlugin({
  api: 1,
  family: "identifier",
  kind: "linkspan.host",
  protocols: ["http", "h2"],
  schema: s.object({}),
  create: (_config, context) => new HostIdentifier(context.dstPrefix),
});
