/** One HTTP server on every address of 127.0.0.0/8, which answers with the address that it was called at. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface EchoBackend extends AsyncDisposable {
  readonly port: number;
}

/** Connections end with their answer, so that what is measured is not theirs. */
export async function startEchoBackend(): Promise<EchoBackend> {
  const server = createServer((request, response) => {
    request.resume();
    response.setHeader("connection", "close");
    response.end(request.socket.localAddress);
  });
  server.listen(0);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The n-th address of 127.0.0.0/8, beginning where nobody else is. */
export const loopback = (n: number): string => `127.${1 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`;
