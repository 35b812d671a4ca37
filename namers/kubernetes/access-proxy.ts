/** Which proxy leads to an API server: that of its kubeconfig, or that of the environment. */
import { BlockList, isIP } from "node:net";
import { Secret } from "linkspan/plugin";
import type { HostFacts, ProxyPlace } from "./access-target.ts";

interface Place {
  readonly host: string;
  readonly port: number;
  readonly isSecure: boolean;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };

/** Throws an Error that names no password. */
export function readProxy(text: string, from: string): ProxyPlace {
  const url = URL.parse(text.includes("://") ? text : `http://${text}`);
  if (url === null || url.hostname === "") throw new Error(`${from} is no URL`);
  const defaultPort = DEFAULT_PORTS[url.protocol];
  if (defaultPort === undefined) {
    throw new Error(`${from} is a proxy of ${url.protocol.slice(0, -1)}; it must be one of http or https`);
  }
  const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? defaultPort : Number(url.port),
    isSecure: url.protocol === "https:",
    authorization: login === ":" ? undefined : new Secret(`Basic ${Buffer.from(login).toString("base64")}`),
  };
}

/** As curl and Go read `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, each in upper or lower case. */
export function proxyFromEnvironment(place: Place, env: HostFacts["env"]): ProxyPlace | undefined {
  const name = place.isSecure ? "HTTPS_PROXY" : "HTTP_PROXY";
  const text = env[name] || env[name.toLowerCase()];
  if (!text || isExempt(place, env["NO_PROXY"] || env["no_proxy"] || "")) return undefined;
  return readProxy(text, name);
}

/** Entries are host names, those with a dot in front for subdomains alone, addresses, networks and `*`; each may have a port. */
function isExempt({ host, port }: Place, entries: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, "");
  if (name === "localhost" || isLoopback(name)) return true;
  return entries.split(",").some((written) => {
    const entry = written.trim().toLowerCase();
    if (entry === "") return false;
    if (entry === "*") return true;
    const [, exempt = entry, exemptPort] = /^(.*[^:]|\[.*\]):(\d+)$/.exec(isIP(entry) === 6 ? "" : entry) ?? [];
    if (exemptPort !== undefined && Number(exemptPort) !== port) return false;
    return matches(name, exempt.replace(/^\[(.*)\]$/, "$1"));
  });
}

function matches(name: string, exempt: string): boolean {
  const [network = "", bits] = exempt.split("/");
  if (isIP(network) !== 0) return isWithin(name, network, bits);
  if (exempt.startsWith("*.")) return name.endsWith(exempt.slice(1));
  if (exempt.startsWith(".")) return name.endsWith(exempt);
  return name === exempt || name.endsWith(`.${exempt}`);
}

function isWithin(name: string, network: string, bits: string | undefined): boolean {
  const family = isIP(network) === 6 ? "ipv6" : "ipv4";
  const most = family === "ipv6" ? 128 : 32;
  const length = bits === undefined ? most : Number(bits);
  if (isIP(name) !== isIP(network) || !Number.isInteger(length) || length < 0 || length > most) return false;
  const list = new BlockList();
  list.addSubnet(network, length, family);
  return list.check(name, family);
}

function isLoopback(name: string): boolean {
  return isWithin(name, "127.0.0.0", "8") || isWithin(name, "::1", undefined);
}
