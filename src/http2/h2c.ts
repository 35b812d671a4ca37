/** Takes a connection over from HTTP/1 whose caller asked for `Upgrade: h2c` (RFC 7540 §3.2; old, and still asked for). */
import type { Socket } from "node:net";
import type { Headers } from "../http/headers.ts";
import { Http2Downstream } from "./downstream.ts";
import type { Http2Site } from "./downstream-site.ts";
import { nameKind, lowerName } from "./field-kind.ts";
import { FieldList } from "./field-list.ts";
import { PeerSettings } from "./peer-settings.ts";

/** A request of HTTP/1 without a body. */
export interface UpgradeHead {
  readonly method: string;
  readonly target: string;
  readonly headers: Headers;
}

const SETTINGS = "http2-settings";
const BASE64URL = /^[A-Za-z0-9_-]*$/;

/** Answers 101, and the request as that of stream 1. Undefined where the request's settings are not in order. */
export function takeOver(
  socket: Socket,
  head: UpgradeHead,
  rest: Buffer,
  site: Http2Site,
  closed: () => void,
): Http2Downstream | undefined {
  const settings = readSettings(head.headers.get(SETTINGS) ?? "=");
  if (settings === undefined) return undefined;
  socket.write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n", "latin1");
  const connection = new Http2Downstream(socket, site, closed);
  connection.serveFirst(head.method, head.target, copyOf(head.headers), settings);
  if (rest.length > 0) connection.received(rest);
  return connection;
}

/** The payload of a SETTINGS frame; undefined where it is none. */
function readSettings(text: string): Buffer | undefined {
  if (!BASE64URL.test(text)) return undefined;
  const payload = Buffer.from(text, "base64url");
  return new PeerSettings(false).read(payload, 0, payload.length) === 0 ? payload : undefined;
}

/** The request's fields are borrowed. What of them belongs to its connection the filters take out, as of any other. */
function copyOf(headers: Headers): FieldList {
  const copy = new FieldList();
  for (let at = 0; at < headers.size; at++) {
    const name = lowerName(headers.name(at));
    if (headers.dropped(at) || name === SETTINGS) continue;
    copy.add(name, headers.value(at), nameKind(name));
  }
  return copy;
}
