/** ZooKeeper's connect string: `host:port,[v6]:port/chroot`. */
import { checkPath } from "./paths.ts";

const DEFAULT_PORT = 2181;

export interface ZkServer {
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
}

export interface ConnectString {
  readonly servers: readonly ZkServer[];
  /** "" or a path. */
  readonly chroot: string;
}

/** Throws an Error that quotes the mistake. */
export function parseConnectString(text: string): ConnectString {
  const slash = text.indexOf("/");
  const list = slash < 0 ? text : text.slice(0, slash);
  const chroot = slash < 0 ? "" : text.slice(slash);
  const servers = list.split(",").map((each) => parseServer(each.trim(), text));
  if (chroot === "" || chroot === "/") return { servers, chroot: "" };
  try {
    checkPath(chroot);
  } catch (error) {
    throw mistake(text, `its chroot is no path: ${(error as Error).message}`, error);
  }
  return { servers, chroot };
}

/** What `parseConnectString` reads as this server. */
export function serverName(server: ZkServer): string {
  return server.host.includes(":") ? `[${server.host}]:${server.port}` : `${server.host}:${server.port}`;
}

function parseServer(text: string, whole: string): ZkServer {
  if (text === "") throw mistake(whole, "a server is missing");
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:[\]@]+))(?::(.*))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined) throw mistake(whole, `"${text}" is not host:port (an IPv6 address stands in brackets)`);
  return { host, port: match?.[3] === undefined ? DEFAULT_PORT : parsePort(match[3], whole) };
}

function parsePort(text: string, whole: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65_535) throw mistake(whole, `"${text}" is not a port`);
  return port;
}

function mistake(text: string, what: string, cause?: unknown): Error {
  return new Error(`connect string "${text}": ${what}`, cause === undefined ? undefined : { cause });
}
