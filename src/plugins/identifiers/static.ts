/** `io.l5d.static`: every request has the same name. */
import { definePlugin, type Identifier, Path, s } from "linkspan/plugin";

export class StaticIdentifier implements Identifier {
  readonly reason = "";
  readonly #path: Path;

  constructor(path: Path) {
    this.#path = path;
  }

  key(): string {
    return "";
  }

  path(): Path {
    return this.#path;
  }
}

export default definePlugin({
  api: 1,
  family: "identifier",
  kind: "io.l5d.static",
  schema: s.object({
    path: s.text(
      { expected: "a path such as /users", parse: (text) => Path.read(text) },
      { doc: "The name of every request, put behind the router's dstPrefix." },
    ),
  }),
  create: (config, context) => new StaticIdentifier(context.dstPrefix.concat(config.path)),
});
