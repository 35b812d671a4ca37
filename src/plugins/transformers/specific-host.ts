/** `io.l5d.specificHost`: of each name only the addresses of one host. */
import { AddressTransformer, definePlugin, parseIp, Path, s, type Transformer } from "linkspan/plugin";
import { prefixKey } from "./options.ts";

/** `hosts` are all IPs and names of that host. */
export function toHost(prefix: Path, hosts: readonly string[]): Transformer {
  const wanted = new Set(hosts.map((host) => host.toLowerCase()));
  return AddressTransformer.keeping(prefix, ({ host }) => wanted.has(host.toLowerCase()));
}

export default definePlugin({
  api: 1,
  family: "transformer",
  kind: "io.l5d.specificHost",
  schema: s.object({
    ...prefixKey,
    host: s.string({ doc: "An IP, or a name that is resolved when this starts." }),
  }),
  async create({ prefix, host }, { resolve, signal }) {
    const ip = parseIp(host);
    const hosts = ip === undefined ? [host, ...(await resolve.addresses(host, signal)).addresses] : [ip];
    return toHost(prefix ?? Path.of("io.l5d.specificHost"), hosts);
  },
});
