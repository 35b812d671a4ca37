/** `io.l5d.localhost`: of each name only the addresses of this machine. */
import { hostname, networkInterfaces } from "node:os";
import { AddressSet, AddressTransformer, definePlugin, Path, s, type Transformer } from "linkspan/plugin";
import { prefixKey } from "./options.ts";

/** `ownHosts` is asked for each set of addresses: interfaces come up while a process runs. */
export function toLocalhost(prefix: Path, ownHosts: () => ReadonlySet<string> = hostsOfThisMachine): Transformer {
  return new AddressTransformer(prefix, ({ addresses, meta }) => {
    const own = ownHosts();
    return AddressSet.of(
      addresses.filter(({ host }) => own.has(host.toLowerCase())),
      meta,
    );
  });
}

/** Every IP of every interface that is up, and the names by which a machine registers itself. */
function hostsOfThisMachine(): ReadonlySet<string> {
  const ips = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address));
  return new Set([...ips, "localhost", hostname()].map((host) => host.toLowerCase()));
}

export default definePlugin({
  api: 1,
  family: "transformer",
  kind: "io.l5d.localhost",
  schema: s.object(prefixKey),
  create: ({ prefix }) => toLocalhost(prefix ?? Path.of("io.l5d.localhost")),
});
