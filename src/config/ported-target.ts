/** The target of a source whose services have ports and stand in namespaces: `NAMESPACE/SERVICE[:PORT]`. */
import type { HttpProtocol } from "./client-schema.ts";

/** What stands for a port that is not said: the only one, else the one of that name. */
const USUAL: Readonly<Record<HttpProtocol | "tcp", string>> = { http: "-", h2: "-grpc", tcp: "-" };

/**
 * The elements of the concrete name: `NAMESPACE/PORT/SERVICE`. Where the service is `*` it is `host`, and left out
 * without one. `undefined` for what is no such target.
 */
export function portedElements(
  written: readonly string[],
  host: string | undefined,
  protocol: HttpProtocol | "tcp",
): readonly string[] | undefined {
  const [namespace = "", last = "", more] = written;
  const [, service, port = USUAL[protocol]] = /^([^:]+)(?::([^:]+))?$/.exec(last) ?? [];
  if (service === undefined || more !== undefined || namespace === "" || namespace === "*") return undefined;
  const name = service === "*" ? host : service;
  return [namespace, port, ...(name === undefined ? [] : [name])];
}
