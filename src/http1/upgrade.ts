/** Which switches of protocol a request of HTTP/1 may ask for, and which answer grants one (RFC 9110 §7.8). */
import type { RequestHead } from "../http/exchange.ts";
import type { Headers } from "../http/headers.ts";
import { known } from "../http/known-fields.ts";
import { isWebSocketKey, newWebSocketKey, webSocketAccept } from "../http/websocket.ts";
import { connectionNames } from "./framing.ts";
import type { HeadBlock } from "./head-block.ts";

export type Upgrade = "" | "websocket" | "h2c";

const KEY = "sec-websocket-key";
const ACCEPT = "sec-websocket-accept";
const SETTINGS = "http2-settings";

/**
 * What an HTTP/1.1 request without a body asks for; "" where it asks for nothing that is known here, for several things,
 * or not in due form: such a request is served as if it had not asked.
 */
export function askedUpgrade(head: HeadBlock, method: string): Upgrade {
  if ((head.repeated & known.upgrade) !== 0 || !connectionNames(head, "upgrade")) return "";
  const token = head.get("upgrade")?.toLowerCase();
  if (token === "websocket") return method === "GET" && hasOwnKey(head) ? "websocket" : "";
  const isH2c = token === "h2c" && hasOne(head, SETTINGS) && connectionNames(head, SETTINGS);
  return isH2c ? "h2c" : "";
}

/** A key that Connection names would be gone before the endpoint sees it. */
const hasOwnKey = (head: HeadBlock): boolean =>
  hasOne(head, KEY) && isWebSocketKey(head.get(KEY) ?? "") && !connectionNames(head, KEY);

function hasOne(head: HeadBlock, lowerName: string): boolean {
  const at = head.find(lowerName);
  return at >= 0 && head.find(lowerName, at + 1) < 0;
}

/**
 * Whether an endpoint may be asked for `protocol`, which over HTTP/2 callers choose freely: what is switched to must be
 * known here, for `h2c` would be a way around everything that a request passes.
 */
export const isUpgradeServed = (protocol: string): boolean => protocol === "" || protocol === "websocket";

/** Makes `request` one for WebSocket over HTTP/1, and returns the Accept that its answer must have. */
export function prepareHandshake({ headers }: RequestHead): string {
  let key = headers.get(KEY);
  if (key === undefined) {
    key = newWebSocketKey();
    headers.append(KEY, key);
  }
  return webSocketAccept(key);
}

/** Whether a head of 101 switches to `protocol`; `accept` is the Accept that it must have, "" for none. */
export function grantsUpgrade(head: HeadBlock, protocol: string, accept: string): boolean {
  if ((head.repeated & known.upgrade) !== 0 || !connectionNames(head, "upgrade")) return false;
  if (head.get("upgrade")?.toLowerCase() !== protocol) return false;
  return accept === "" || (hasOne(head, ACCEPT) && head.get(ACCEPT) === accept);
}

/** Answers a handshake whose endpoint spoke HTTP/2, which has no Accept. */
export function completeHandshake(headers: Headers, key: string): void {
  if (headers.find(ACCEPT) < 0) headers.append(ACCEPT, webSocketAccept(key));
}

/** The key of a handshake that was found in due form. */
export const handshakeKey = (head: HeadBlock): string => head.get(KEY) ?? "";
