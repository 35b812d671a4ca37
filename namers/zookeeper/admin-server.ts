/**
 * Who watches what and who is connected, as a server's AdminServer tells it over HTTP (3.5 and later, port 8080): the
 * same as its four-letter words do, which the server may not allow.
 */
import type { PluginContext } from "linkspan/plugin";

/** Where it is, unless the server's file says otherwise. */
const ADMIN_PORT = 8080;
const WITHIN_MS = 5_000;
const MOST_BYTES = 16 * 2 ** 20;

export interface Watches {
  count: number;
  readonly example: string;
}

/** Both by session, in hexadecimal digits without leading zeros. */
export interface ToldClients {
  readonly watches: ReadonlyMap<string, Watches>;
  readonly addresses: ReadonlyMap<string, string>;
}

export const isBelow = (path: string, below: string): boolean => path === below || path.startsWith(`${below}/`);

export function addWatch(watches: Map<string, Watches>, session: string, path: string): void {
  const known = watches.get(session);
  if (known) known.count++;
  else watches.set(session, { count: 1, example: path });
}

/** Rejects with why it says nothing. */
export async function toldByAdmin(
  host: string,
  below: string,
  { http, clock }: Pick<PluginContext, "http" | "clock">,
  outer: AbortSignal,
  port = ADMIN_PORT,
): Promise<ToldClients> {
  const late = new AbortController();
  using _ = clock.timer(WITHIN_MS, () => late.abort(new Error(`no answer within ${WITHIN_MS} ms`)));
  const signal = AbortSignal.any([outer, late.signal]);
  await using client = http.open({ host, port });
  const ask = async (command: string): Promise<unknown> => {
    using answer = await client.request({ path: `/commands/${command}`, signal });
    if (answer.status !== 200) throw new Error(`it answered ${answer.status} to ${command}`);
    return read(await answer.text(MOST_BYTES));
  };
  return { watches: watchesIn(await ask("watches_by_path"), below), addresses: addressesIn(await ask("connections")) };
}

/** Sessions are whole numbers of 64 bits, with a sign, which no number of JavaScript's can hold. */
export function read(text: string): unknown {
  const exact = (_key: string, value: unknown, { source = "" }: { readonly source?: string } = {}): unknown =>
    typeof value === "number" && /^-?\d+$/.test(source) ? BigInt(source) : value;
  return JSON.parse(text, exact as (key: string, value: unknown) => unknown);
}

export function watchesIn(answer: unknown, below: string): ReadonlyMap<string, Watches> {
  const { path_to_session_ids: byPath = {} } = (answer ?? {}) as { path_to_session_ids?: Record<string, unknown> };
  const watches = new Map<string, Watches>();
  for (const [path, sessions] of Object.entries(byPath)) {
    if (!isBelow(path, below) || !Array.isArray(sessions)) continue;
    for (const session of sessions) if (typeof session === "bigint") addWatch(watches, digits(session), path);
  }
  return watches;
}

interface Connections {
  readonly connections?: readonly Connection[];
  readonly secure_connections?: readonly Connection[];
}

interface Connection {
  readonly session_id?: unknown;
  readonly remote_socket_address?: unknown;
}

export function addressesIn(answer: unknown): ReadonlyMap<string, string> {
  const { connections = [], secure_connections: secure = [] } = (answer ?? {}) as Connections;
  const addresses = new Map<string, string>();
  for (const { session_id: session, remote_socket_address: address } of [...connections, ...secure]) {
    if (typeof session === "bigint" && session !== 0n && typeof address === "string") {
      addresses.set(digits(session), address.replace(/^\//, ""));
    }
  }
  return addresses;
}

const digits = (session: bigint): string => BigInt.asUintN(64, session).toString(16);
