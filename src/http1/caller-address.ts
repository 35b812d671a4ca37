/** What a connection's caller is known by: its address, and what TLS says of it. */
import type { Socket } from "node:net";
import type { Exchange } from "../http/exchange.ts";
import { proofFor, schemeOf } from "../net/tls-peer.ts";

/** Without the prefix under which a socket of both families shows IPv4 addresses; empty when unknown. */
export function callerAddress(socket: Socket): string {
  const address = socket.remoteAddress ?? "";
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}

/** For an exchange that serves this connection alone. */
export function identifyCaller(x: Exchange, socket: Socket): void {
  x.remoteAddress = callerAddress(socket);
  x.scheme = schemeOf(socket);
  x.proof = proofFor(socket);
}
