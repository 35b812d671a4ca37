/** What the tests of TLS share: callers, endpoints that speak HTTPS, and a daemon between them. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, request, type RequestOptions, type Server, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import type { ConnectionOptions, TLSSocket } from "node:tls";
import type { Issued } from "../servers/certificates.ts";

export interface HttpsBackend extends AsyncDisposable {
  readonly server: Server;
  readonly port: number;
  /** For each connection whether it resumed a session, and the name that was asked for. */
  readonly connections: { readonly resumed: boolean; readonly name: string | false | null }[];
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export const pem = ({ certPath, keyPath }: Issued): { cert: Buffer; key: Buffer } => ({
  cert: readFileSync(certPath),
  key: readFileSync(keyPath),
});

export async function httpsBackend(options: ServerOptions, handle: Handler): Promise<HttpsBackend> {
  const server = createServer({ keepAliveTimeout: 600_000, ...options }, handle);
  const connections: { resumed: boolean; name: string | false | null }[] = [];
  server.on("secureConnection", (socket: TLSSocket) =>
    connections.push({ resumed: socket.isSessionReused(), name: socket.servername ?? null }),
  );
  server.on("tlsClientError", () => undefined);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    server,
    port: (server.address() as AddressInfo).port,
    connections,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

export interface HttpsAnswer {
  readonly status: number;
  readonly body: string;
  readonly code: string | undefined;
  readonly error: string | undefined;
  /** The common name of the certificate that was shown. */
  readonly shown: string;
  readonly resumed: boolean;
  /** What the server gave to be resumed. */
  readonly session: Buffer | undefined;
}

/** One request, of `users` and on a connection of its own unless the options say otherwise. */
export async function askTls(port: number, options: RequestOptions & ConnectionOptions = {}): Promise<HttpsAnswer> {
  const asked = request({ host: "127.0.0.1", port, headers: { host: "users" }, agent: false, ...options });
  let session: Buffer | undefined;
  if (options.agent === undefined)
    asked.on("socket", (socket) => socket.on("session", (given: Buffer) => (session = given)));
  asked.end();
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  const socket = answer.socket as TLSSocket;
  const shown = String(socket.getPeerCertificate().subject?.CN ?? "");
  const resumed = socket.isSessionReused();
  let body = "";
  for await (const piece of answer) body += String(piece);
  const said = answer.headers["l5d-err"];
  return {
    status: answer.statusCode ?? 0,
    body,
    code: answer.headers["linkspan-code"] as string | undefined,
    error: typeof said === "string" ? decodeURIComponent(said.replaceAll("+", " ")) : undefined,
    shown,
    resumed,
    session,
  };
}
