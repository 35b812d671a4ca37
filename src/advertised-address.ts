/** What others are told that a server of this process listens on. */
import { isIP } from "node:net";
import type { NetworkInterfaceInfo } from "node:os";
import type { Config, MirrorConfig, RouterConfig, ServerConfig } from "./config/config.ts";

export interface AdvertisedAddress {
  readonly host: string;
  readonly port: number;
}

/** A server that listens, or will: its port may have been chosen by the system. */
export interface ListeningServer {
  readonly router: string;
  readonly host: string;
  readonly port: number;
}

/** As `os.networkInterfaces` gives them. */
export type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/**
 * What the file says; else where it listens, and for a server that listens on all addresses each one of an interface
 * that is up and not the loopback. Of IPv6 those that mean nothing on another link are left out.
 */
export function advertisedBy(
  { advertise }: Pick<ServerConfig, "advertise">,
  { host, port }: Pick<ListeningServer, "host" | "port">,
  interfaces: Interfaces,
): readonly AdvertisedAddress[] {
  if (advertise !== undefined) return [{ host: advertise.host, port: advertise.port ?? port }];
  if (host !== "0.0.0.0" && host !== "::") return [{ host, port }];
  const all = Object.values(interfaces).flatMap((each) => each ?? []);
  const meant = all.filter(({ internal, address, family }) => {
    return !internal && (family === "IPv4" || (host === "::" && !address.toLowerCase().startsWith("fe80:")));
  });
  return meant.map(({ address }) => ({ host: address, port }));
}

export interface ServerAddresses {
  readonly router: RouterConfig;
  readonly server: ServerConfig;
  readonly addresses: readonly AdvertisedAddress[];
}

/** Where the servers of a file will listen; not known of those whose port the system chooses. */
export function writtenServers({ routers }: Pick<Config, "routers">): readonly (ListeningServer | undefined)[] {
  const written = routers.flatMap(({ label, servers }) => servers.map((server) => ({ label, server })));
  return written.map(({ label, server: { ip, port, advertise } }) => {
    return port === 0 && advertise?.port === undefined ? undefined : { router: label, host: ip, port };
  });
}

/** What a mirror with `address: gateway` publishes: the first server of the router that it names, or of all. */
export function gatewayOf(
  { address, gateway: label }: Pick<MirrorConfig, "address" | "gateway">,
  servers: readonly ServerAddresses[],
): AdvertisedAddress | undefined {
  if (address !== "gateway") return undefined;
  return servers.find(({ router }) => label === undefined || router.label === label)?.addresses[0];
}

/** Of all servers of a configuration; `listening` are those in the order of the file. */
export function serverAddresses(
  { routers }: Pick<Config, "routers">,
  listening: readonly (ListeningServer | undefined)[],
  interfaces: Interfaces,
): readonly ServerAddresses[] {
  const written = routers.flatMap((router) => router.servers.map((server) => ({ router, server })));
  return written.flatMap(({ router, server }, at) => {
    const open = listening[at];
    return open === undefined ? [] : [{ router, server, addresses: advertisedBy(server, open, interfaces) }];
  });
}

/** `10.0.0.7:4140`, `[::1]:4140`. */
export function showAddress({ host, port }: AdvertisedAddress): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}
