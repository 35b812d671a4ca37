/** What others are told that a server of this process listens on. */
import { isIP } from "node:net";
import type { NetworkInterfaceInfo } from "node:os";
import type { Config, RouterConfig, ServerConfig } from "./config/config.ts";

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

/** Of all servers of a configuration; `listening` are those in the order of the file. */
export function serverAddresses(
  { routers }: Pick<Config, "routers">,
  listening: readonly ListeningServer[],
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
