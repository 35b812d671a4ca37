/** The handshake of WebSocket over HTTP/1 (RFC 6455 §4), which WebSocket over HTTP/2 does without (RFC 8441 §5). */
import { createHash, randomBytes } from "node:crypto";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const KEY = /^[A-Za-z0-9+/]{22}==$/;

/** A key for a handshake of our own: no two are alike, so that no cache can answer it. */
export const newWebSocketKey = (): string => randomBytes(16).toString("base64");

/** Whether `text` is 16 bytes in base64. */
export const isWebSocketKey = (text: string): boolean => KEY.test(text);

/** The `Sec-WebSocket-Accept` that answers `key`. */
export const webSocketAccept = (key: string): string =>
  createHash("sha1")
    .update(key + GUID)
    .digest("base64");
