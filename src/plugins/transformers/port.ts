/** `io.l5d.port`: every address of a name at one port, such as that of the proxy beside each instance. */
import { AddressSet, AddressTransformer, definePlugin, Path, s, type Transformer } from "linkspan/plugin";
import { prefixKey } from "./options.ts";

/** What was registered for TLS goes: whoever listens at `port` takes all connections. */
export function toPort(prefix: Path, port: number): Transformer {
  return new AddressTransformer(prefix, ({ addresses, meta }) =>
    AddressSet.of(
      addresses.map(({ host, weight, meta: about }) => ({ host, port, weight, ...(about ? { meta: about } : {}) })),
      meta,
    ),
  );
}

export default definePlugin({
  api: 1,
  family: "transformer",
  kind: "io.l5d.port",
  schema: s.object({ ...prefixKey, port: s.integer({ min: 1, max: 65_535, doc: "The port of every address." }) }),
  create: ({ prefix, port }) => toPort(prefix ?? Path.of("io.l5d.port", `${port}`), port),
});
