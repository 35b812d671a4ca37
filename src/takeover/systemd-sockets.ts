/** Socket activation: the listening sockets that systemd opened for this process (sd_listen_fds(3)). */
import { readFileSync, readlinkSync } from "node:fs";
import { isIPv4 } from "node:net";
import type { Estate } from "./inheritance.ts";

const FIRST_FD = 3;
/** TCP_LISTEN in the kernel's tables. */
const LISTENING = "0A";

export interface WantedPlace {
  readonly name: string;
  readonly ip: string;
  readonly port: number;
}

interface SocketAddress {
  readonly ip: string;
  readonly port: number;
}

/**
 * What `environment` says was opened for this very process; nothing else of it is touched. A socket that no server of
 * the configuration names stands there by its own address, or as `descriptor N`, for whoever closes what nobody takes.
 */
export function activation(
  environment: Readonly<Record<string, string | undefined>>,
  pid: number,
  wanted: readonly WantedPlace[],
): Estate {
  const count = Number(environment["LISTEN_FDS"] ?? 0);
  if (environment["LISTEN_PID"] !== String(pid) || !Number.isInteger(count) || count < 1) return { servers: [] };
  const table = listeningSockets();
  const servers: (readonly [string, readonly number[]])[] = [];
  for (let fd = FIRST_FD; fd < FIRST_FD + count; fd++) {
    const at = table.get(inodeOf(fd));
    const place = at && placeFor(at, wanted);
    servers.push([place?.name ?? (at ? `${at.ip}:${at.port}` : `descriptor ${fd}`), [fd]]);
  }
  return { servers };
}

/** The server of that very address, else of that port: the socket's unit may say "any address" in its own way. */
function placeFor({ ip, port }: SocketAddress, wanted: readonly WantedPlace[]): WantedPlace | undefined {
  const same = wanted.filter((place) => place.port === port);
  return same.find((place) => place.ip === ip) ?? same[0];
}

function inodeOf(fd: number): string {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1] ?? "";
  } catch {
    return "";
  }
}

/** Of this network namespace, by inode. */
function listeningSockets(): ReadonlyMap<string, SocketAddress> {
  const found = new Map<string, SocketAddress>();
  for (const file of ["/proc/self/net/tcp", "/proc/self/net/tcp6"]) {
    for (const line of linesOf(file)) {
      const [, local = "", , state, , , , , , inode] = line.trim().split(/\s+/);
      const at = state === LISTENING ? readAddress(local) : undefined;
      if (at !== undefined && inode !== undefined) found.set(inode, at);
    }
  }
  return found;
}

function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, "latin1").split("\n").slice(1);
  } catch {
    return [];
  }
}

/** `0100007F:1F90`: words of 32 bits in the order of this machine, then the port. */
export function readAddress(text: string): SocketAddress | undefined {
  const [words = "", port = ""] = text.split(":");
  const bytes = Buffer.from(words, "hex");
  if ((bytes.length !== 4 && bytes.length !== 16) || !/^[0-9A-F]{4}$/.test(port)) return undefined;
  if (isLittleEndian) bytes.swap32();
  const ip = bytes.length === 4 ? bytes.join(".") : showIpv6(bytes);
  return { ip, port: Number.parseInt(port, 16) };
}

const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function showIpv6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2).toString(16));
  const text = new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(text);
  if (!mapped) return text;
  const v4 = bytes.subarray(12).join(".");
  return isIPv4(v4) ? v4 : text;
}
