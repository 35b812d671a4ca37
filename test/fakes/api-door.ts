/** The door of an API server: HTTPS that knows callers by their tokens or certificates, and nothing behind it. */
import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { type Authority, authority, type Issued } from "../servers/certificates.ts";

export interface ApiDoor extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly ca: Authority;
  /** What was asked: `GET /path as WHO`. */
  readonly asked: readonly string[];
  /** Connections that were taken. */
  readonly connections: number;
  /** Whose tokens and certificates are let in; others are answered 401. */
  readonly known: Set<string>;
  /** Shows another certificate from now on, of this authority. */
  identify(by: Authority): void;
}

/** Its certificate is for 127.0.0.1 and for `api.test`. */
export async function openApiDoor(stack: AsyncDisposableStack): Promise<ApiDoor> {
  const ca = stack.use(authority("API Root"));
  const known = new Set<string>();
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const counts = { connections: 0 };
  const settings = { requestCert: true, rejectUnauthorized: false };
  const server = createServer(
    { ...secrets(serving(ca)), ca: readFileSync(ca.caPath), ...settings },
    (request, answer) => {
      const who = nameOf(request);
      asked.push(`${request.method} ${request.url} as ${who}`);
      answer.statusCode = known.has(who) ? 200 : 401;
      answer.end(who);
    },
  );
  server.on("secureConnection", () => counts.connections++);
  server.on("connection", (socket: Socket) => sockets.add(socket.on("error", () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const door: ApiDoor = {
    port,
    url: `https://127.0.0.1:${port}`,
    ca,
    asked,
    known,
    get connections() {
      return counts.connections;
    },
    identify: (by) => server.setSecureContext({ ...secrets(serving(by)), ca: readFileSync(ca.caPath) }),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return stack.use(door);
}

function serving(by: Authority): Issued {
  return by.issue("serving", { commonName: "api", names: ["IP:127.0.0.1", "DNS:api.test"] });
}

function secrets({ certPath, keyPath }: Issued): { readonly cert: Buffer; readonly key: Buffer } {
  return { cert: readFileSync(certPath), key: readFileSync(keyPath) };
}

/** A bearer token, `user:password`, or the common name of a certificate; "nobody" otherwise. */
function nameOf(request: IncomingMessage): string {
  const [scheme, value = ""] = (request.headers.authorization ?? "").split(" ");
  if (scheme === "Bearer") return value;
  if (scheme === "Basic") return Buffer.from(value, "base64").toString();
  const socket = request.socket as TLSSocket;
  const name = socket.authorized ? socket.getPeerCertificate().subject.CN : undefined;
  return typeof name === "string" ? name : "nobody";
}
