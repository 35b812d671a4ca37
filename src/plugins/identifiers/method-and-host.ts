/** `io.l5d.methodAndHost`: the version, the method and the host make the name. */
import { definePlugin, type Exchange, type Identifier, Path, s } from "linkspan/plugin";
import { segmentsOf } from "./target.ts";

export class MethodAndHostIdentifier implements Identifier {
  readonly reason = "HTTP/1.1 request missing hostname";
  readonly #uriInDst: boolean;
  readonly #prefix: Path;
  readonly #kept = new KeptKeys();

  constructor(uriInDst: boolean, prefix: Path) {
    this.#uriInDst = uriInDst;
    this.#prefix = prefix;
  }

  key(x: Exchange): string | undefined {
    const { version, method, target, headers } = x.request;
    if (version === 10) return this.#uriInDst ? `1.0 ${method} ${target}` : `1.0 ${method}`;
    const host = headers.get("host") ?? "";
    if (host === "") return undefined;
    const key = this.#kept.of(method, host);
    return this.#uriInDst ? `${key} ${target}` : key;
  }

  path(x: Exchange): Path {
    const { version, method, target } = x.request;
    const elems = version === 10 ? ["1.0", method] : ["1.1", method, hostOf(x)];
    if (this.#uriInDst) elems.push(...segmentsOf(target).filter((segment) => segment !== ""));
    return this.#prefix.concat(Path.from(elems));
  }
}

/** How many keys are kept, and of how long a host. */
const PLACES = 256;
const LONGEST = 64;

/** What was asked for lately: joining a key and finding out where it belongs costs more than comparing its parts. */
class KeptKeys {
  readonly #methods: string[] = Array.from({ length: PLACES }, () => "");
  readonly #hosts: string[] = Array.from({ length: PLACES }, () => "");
  readonly #keys: string[] = Array.from({ length: PLACES }, () => "");

  of(method: string, host: string): string {
    if (host.length > LONGEST) return keyOf(method, host);
    const at = placeOf(method, host);
    if (this.#hosts[at] !== host || this.#methods[at] !== method) this.#keep(at, method, host);
    return this.#keys[at] as string;
  }

  /** Copies: what came is a slice of a head, which must not live as long. */
  #keep(at: number, method: string, host: string): void {
    this.#methods[at] = Buffer.from(method, "latin1").toString("latin1");
    this.#hosts[at] = Buffer.from(host, "latin1").toString("latin1");
    this.#keys[at] = Buffer.from(keyOf(method, host), "latin1").toString("latin1");
  }
}

const keyOf = (method: string, host: string): string => `1.1 ${method} ${host.toLowerCase()}`;

function placeOf(method: string, host: string): number {
  let hash = method.length * 31 + host.length;
  for (let at = 0; at < host.length; at++) hash = (hash * 31 + host.charCodeAt(at)) | 0;
  return hash & (PLACES - 1);
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
