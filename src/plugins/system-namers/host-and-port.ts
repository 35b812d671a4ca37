/** `/$/io.buoyant.hostportPfx` and `porthostPfx`: `host:port` in a path as two elements, in either order. */
import { Path } from "linkspan/plugin";
import { behindPrefix, rewriting, type Rule } from "./rewriting.ts";

/** Names of ports are allowed, as of SRV records and Kubernetes. */
const PORT = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9-])?$/;

const split =
  (order: (host: string, port: string) => Path): Rule =>
  (path) => {
    const [host = "", port = "", more] = path.elems[0]?.split(":") ?? [];
    if (host === "" || !PORT.test(port) || more !== undefined) return undefined;
    return order(host, port).concat(path.drop(1));
  };

export default [
  rewriting("io.buoyant.hostportPfx", behindPrefix(split((host, port) => Path.of(host, port)))),
  rewriting("io.buoyant.porthostPfx", behindPrefix(split((host, port) => Path.of(port, host)))),
];
