/** `linkspan.port`: the port that a TCP connection came to is its name. */
import { definePlugin, type Exchange, type Identifier, Path, s } from "linkspan/plugin";

export class PortIdentifier implements Identifier {
  readonly reason = "The connection tells no port";
  readonly #prefix: Path;

  constructor(prefix: Path) {
    this.#prefix = prefix;
  }

  key({ request: { target } }: Exchange): string | undefined {
    const port = target.slice(target.lastIndexOf(":") + 1);
    return port === "" ? undefined : port;
  }

  path(x: Exchange): Path {
    return this.#prefix.concat(Path.of(this.key(x) ?? ""));
  }
}

export default definePlugin({
  api: 1,
  family: "identifier",
  kind: "linkspan.port",
  protocols: ["tcp"],
  schema: s.object({}),
  create: (_config, context) => new PortIdentifier(context.dstPrefix),
});
