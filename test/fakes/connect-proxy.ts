/** An HTTP proxy that opens ways by CONNECT, to whom a test says is there. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";

export interface ConnectProxy extends AsyncDisposable {
  readonly port: number;
  /** What it was asked for, in turn. */
  readonly asked: readonly string[];
}

/** Answers 502 for what `reaches` denies. */
export async function connectProxy(reaches: (target: string) => boolean): Promise<ConnectProxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer().on("connection", (socket: Socket) => sockets.add(socket));
  server.on("connect", ({ url = "" }, socket: Socket) => {
    asked.push(url);
    socket.on("error", () => undefined);
    socket.end(`HTTP/1.1 ${reaches(url) ? "200 Connected" : "502 Bad Gateway"}\r\n\r\n`);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
