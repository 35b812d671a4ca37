/** `io.l5d.methodAndHost`: the version, the method and the host make the name. */
import { definePlugin, type Exchange, type Identifier, Path, s } from "linkspan/plugin";
import { segmentsOf } from "./target.ts";

export class MethodAndHostIdentifier implements Identifier {
  readonly reason = "HTTP/1.1 request missing hostname";
  readonly #uriInDst: boolean;
  readonly #prefix: Path;

  constructor(uriInDst: boolean, prefix: Path) {
    this.#uriInDst = uriInDst;
    this.#prefix = prefix;
  }

  key(x: Exchange): string | undefined {
    const { version, method, target } = x.request;
    const uri = this.#uriInDst ? ` ${target}` : "";
    if (version === 10) return `1.0 ${method}${uri}`;
    const host = hostOf(x);
    return host === "" ? undefined : `1.1 ${method} ${host}${uri}`;
  }

  path(x: Exchange): Path {
    const { version, method, target } = x.request;
    const elems = version === 10 ? ["1.0", method] : ["1.1", method, hostOf(x)];
    if (this.#uriInDst) elems.push(...segmentsOf(target).filter((segment) => segment !== ""));
    return this.#prefix.concat(Path.from(elems));
  }
}

const hostOf = (x: Exchange): string => x.request.headers.get("host")?.toLowerCase() ?? "";

export default definePlugin({
  api: 1,
  family: "identifier",
  kind: "io.l5d.methodAndHost",
  protocols: ["http", "h2"],
  schema: s.object({
    httpUriInDst: s.boolean({ doc: "Whether the path of the request's target is part of the name.", default: false }),
  }),
  create: (config, context) => new MethodAndHostIdentifier(config.httpUriInDst, context.dstPrefix),
});
