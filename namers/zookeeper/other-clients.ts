/**
 * Who else watches below a node, as the servers say it in two of their four-letter words: `wchp` (watches by path) and
 * `cons` (connections with their sessions), or where these are not allowed by their AdminServer. Each server knows its own clients only, so all of them are asked. Of watches
 * they tell those of data, such as every cache of Curator's has of every instance, and not those of children alone: who
 * is connected and seems to watch nothing may do that.
 */
import type { Duplex } from "node:stream";
import type { OtherClient, OtherClients, PluginContext } from "linkspan/plugin";
import { parseConnectString, serverName, type ZkServer } from "./connect-string.ts";
import type { ZkOptions } from "./client.ts";
import { addWatch, isBelow, toldByAdmin, type ToldClients, type Watches } from "./admin-server.ts";
import { dialServer } from "./dial-server.ts";
import type { ZkWorld } from "./session-state.ts";

const WITHIN_MS = 5_000;
const MOST_BYTES = 16 * 2 ** 20;
/** Of one registry; many more make no difference to whoever wants to switch it off. */
const MOST_CLIENTS = 500;

export interface OtherClientsQuestion {
  /** Below the chroot; `/` for all. */
  readonly path: string;
  /** The session that asks is not another's. */
  readonly own: string | undefined;
}

/** Rejects only with the signal's reason. */
export async function otherClients(
  options: Pick<ZkOptions, "connectString" | "tls">,
  { path, own }: OtherClientsQuestion,
  world: AskingWorld,
  signal: AbortSignal,
): Promise<OtherClients> {
  const { servers, chroot } = parseConnectString(options.connectString);
  const below = `${chroot}${path === "/" ? "" : path}`;
  const clients: OtherClient[] = [];
  const unknown: string[] = [];
  for (const server of servers) {
    try {
      const { watches, addresses } = await toldBy(server, below, { options, world, signal });
      for (const [session, { count, example }] of watches) {
        if (session === own) continue;
        const address = addresses.get(session) ?? `session 0x${session}`;
        clients.push({ address, watches: count, example });
      }
      const silent = [...addresses].filter(([session]) => session !== own && !watches.has(session));
      if (silent.length > 0)
        unknown.push(`${serverName(server)}: ${silentClients(silent.map(([, address]) => address))}`);
    } catch (error) {
      signal.throwIfAborted();
      unknown.push(`${serverName(server)}: ${(error as Error).message}`);
    }
  }
  if (clients.length > MOST_CLIENTS) unknown.push(`${clients.length - MOST_CLIENTS} more clients watch`);
  return { clients: clients.slice(0, MOST_CLIENTS), unknown };
}

type AskingWorld = ZkWorld & Pick<PluginContext, "http">;

interface Asking {
  readonly options: Pick<ZkOptions, "connectString" | "tls">;
  readonly world: AskingWorld;
  readonly signal: AbortSignal;
}

/** By its four-letter words; where it does not answer them, by its AdminServer. Rejects with why it says nothing. */
async function toldBy(server: ZkServer, below: string, { options, world, signal }: Asking): Promise<ToldClients> {
  const ask = (word: string): Promise<string> => answerTo(word, server, options, world, signal);
  try {
    return { watches: watchesBySession(await ask("wchp"), below), addresses: addressesBySession(await ask("cons")) };
  } catch (error) {
    signal.throwIfAborted();
    const why = (error as Error).message;
    return await toldByAdmin(server.host, below, world, signal).catch((other: unknown) => {
      throw new Error(`${why}; AdminServer: ${(other as Error).message}`, { cause: error });
    });
  }
}

const silentClients = (addresses: readonly string[]): string =>
  `${addresses.length} more connected, such as ${addresses[0]}, of whom it does not say what they look at`;

async function answerTo(
  word: string,
  server: ZkServer,
  { tls }: Pick<ZkOptions, "tls">,
  world: ZkWorld,
  outer: AbortSignal,
): Promise<string> {
  const late = new AbortController();
  using _ = world.clock.timer(WITHIN_MS, () => late.abort(new Error(`no answer within ${WITHIN_MS} ms`)));
  const signal = AbortSignal.any([outer, late.signal]);
  const stream = await dialServer({ server, turn: 0 }, { timeoutMs: WITHIN_MS, tls }, world, signal);
  const over = (): void => void stream.destroy(signal.reason as Error);
  signal.addEventListener("abort", over, { once: true });
  try {
    stream.write(word);
    const text = await textOf(stream);
    if (/is not executed because/.test(text)) throw new Error(`it does not answer ${word}: 4lw.commands.whitelist`);
    return text;
  } finally {
    signal.removeEventListener("abort", over);
    stream.destroy();
  }
}

async function textOf(stream: Duplex): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Error(`its answer is longer than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** A path in a line of its own, then the sessions that watch it, each in a line that begins with a tab. */
export function watchesBySession(text: string, below: string): ReadonlyMap<string, Watches> {
  const watches = new Map<string, Watches>();
  let path = "";
  for (const line of text.split("\n")) {
    const session = /^\s+0x([0-9a-f]+)\s*$/i.exec(line)?.[1];
    if (session === undefined) path = line.trim();
    else if (isBelow(path, below)) addWatch(watches, hex(session), path);
  }
  return watches;
}

/** ` /10.0.4.7:51234[1](queued=0,...,sid=0x1000...,...)`, a line a connection. */
export function addressesBySession(text: string): ReadonlyMap<string, string> {
  const addresses = new Map<string, string>();
  for (const [, address = "", session = ""] of text.matchAll(/^\s*\/(\S+?)\[\d+\]\(.*?\bsid=0x([0-9a-f]+)/gim)) {
    if (hex(session) !== "0") addresses.set(hex(session), address);
  }
  return addresses;
}

/** Servers differ in whether they write leading zeros. */
const hex = (session: string): string => session.toLowerCase().replace(/^0+(?=.)/, "");

/** As a session's state has it. */
export const sessionHex = (name: string): string => hex(name.replace(/^0x/i, ""));
