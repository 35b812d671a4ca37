/** What a connection's caller is known by: its address, and what TLS says of it. */
import type { Socket } from "node:net";
import type { Exchange } from "../http/exchange.ts";
import { callerAddress } from "../net/caller-address.ts";
import { proofFor, schemeOf } from "../net/tls-peer.ts";

/** For an exchange that serves this connection alone. */
export function identifyCaller(x: Exchange, socket: Socket): void {
  x.remoteAddress = callerAddress(socket);
  x.caller = socket;
  x.scheme = schemeOf(socket);
  x.proof = proofFor(socket);
}
