/** The address that a connection's caller is known by. */
import type { Socket } from "node:net";

/** Without the prefix under which a socket of both families shows IPv4 addresses; empty when unknown. */
export function callerAddress(socket: Socket): string {
  const address = socket.remoteAddress ?? "";
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}
