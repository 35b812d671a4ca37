/** The plugins `io.l5d.dnssrv` and `linkspan.dns`: names in DNS. */
import { readFile } from "node:fs/promises";
import { definePlugin, type Namer, type PluginContext, s } from "linkspan/plugin";
import { type DnsServer, readDnsServer } from "./dns-server.ts";

const server = s.text<DnsServer>({
  expected: "a name server such as 10.0.0.2 or 10.0.0.2:5353",
  parse: readDnsServer,
});

const dnsHosts = s.list(server, {
  default: [],
  doc: "The name servers that are asked, three at most; those of /etc/resolv.conf if none is said.",
});

const refresh = (seconds: number) =>
  s.integer({
    min: 1,
    max: 86_400,
    default: seconds,
    doc: "The longest time between two questions about a name, in seconds; where the TTL is shorter, that counts.",
  });

interface Settings {
  readonly dnsHosts: readonly DnsServer[];
  readonly refreshIntervalSeconds: number;
}

async function create(config: Settings, takesHosts: boolean, context: PluginContext): Promise<Namer> {
  // Threads that only read the configuration do not load the wire format.
  const { DnsNamer } = await import("./namer.ts");
  const options = {
    servers: config.dnsHosts,
    refreshMs: config.refreshIntervalSeconds * 1000,
    takesHosts,
    readResolverConf: () => readFile("/etc/resolv.conf", "utf8"),
  };
  return new DnsNamer(options, context);
}

export const dnsSrv = definePlugin({
  api: 1,
  family: "namer",
  kind: "io.l5d.dnssrv",
  schema: s.object({ refreshIntervalSeconds: refresh(5), dnsHosts }),
  whenUnreachable: "next",
  lists: "instances",
  create: (config, context) => create(config, false, context),
});

export const dns = definePlugin({
  api: 1,
  family: "namer",
  kind: "linkspan.dns",
  schema: s.object({ refreshIntervalSeconds: refresh(300), dnsHosts }),
  lists: "instances",
  create: (config, context) => create(config, true, context),
});

export default [dnsSrv, dns];
