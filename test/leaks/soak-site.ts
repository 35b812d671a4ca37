/** What a soaked daemon serves: files with names, and a backend for each kind of traffic. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttp2Server, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo, Server } from "node:net";
import { Readable } from "node:stream";
import { type TempFolder, tempFolder } from "../e2e/temp-folder.ts";
import { TcpBackend } from "../fakes/tcp-backend.ts";
import { WebSocketServer } from "../fakes/websocket-server.ts";
import { startPlannedBackend, startResettingBackend } from "../load/grpc-backends.ts";
import { type Authority, authority, type Issued } from "../servers/certificates.ts";

const BIG = Buffer.alloc(2 ** 20, "b");
export const PAGE = "served";

export interface SoakSite extends AsyncDisposable {
  readonly folder: TempFolder;
  readonly trusted: Authority;
  /** That the TLS server shows. */
  readonly identity: Issued;
  /** Two instances of `users`. */
  readonly users: readonly number[];
  /** What gRPC backends found wrong. */
  readonly flaws: string[];
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  if (request.url === "/reset") return void request.socket.resetAndDestroy();
  request.resume();
  response.on("error", () => undefined);
  if (request.url === "/big") return void response.end(BIG);
  request.on("end", () => response.end(PAGE));
}

/** node:http2 never forgets what a stream had still to send when it was cancelled, and refuses all once that is 10 MB. */
const sessionOptions = { maxSessionMemory: 10_000 };

function* pieces(): Iterable<Buffer> {
  for (let at = 0; at < BIG.length; at += 16_384) yield BIG.subarray(at, at + 16_384);
}

function answerStream(stream: ServerHttp2Stream, headers: { ":path"?: string }): void {
  stream.on("error", () => undefined);
  if (headers[":path"] === "/reset") return stream.close(2);
  stream.respond({ ":status": 200 });
  stream.resume();
  if (headers[":path"] === "/big") Readable.from(pieces()).pipe(stream);
  else stream.end(PAGE);
}

async function listening(server: Server, stack: AsyncDisposableStack): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  stack.defer(() => void server.close());
  return (server.address() as AddressInfo).port;
}

export async function openSoakSite(): Promise<SoakSite> {
  await using stack = new AsyncDisposableStack();
  const trusted = stack.use(authority());
  const identity = trusted.issue("front", { commonName: "users" });
  const flaws: string[] = [];
  const web = (): Promise<number> => listening(createServer({ keepAliveTimeout: 600_000 }, answer), stack);
  const users = [await web(), await web()];
  const pages = createHttp2Server(sessionOptions)
    .on("stream", answerStream)
    .on("sessionError", () => undefined);
  const calls = stack.use(await startPlannedBackend(flaws));
  const resetting = stack.use(await startResettingBackend());
  const chat = stack.use(await WebSocketServer.start());
  const bytes = stack.use(await TcpBackend.start((socket) => socket.on("data", (data) => socket.write(data))));
  const line = (port: number | undefined): string => `127.0.0.1 ${port}\n`;
  const folder = stack.use(
    tempFolder({
      "disco/users": line(users[0]),
      "disco/broken": line(users[1]),
      "disco/pages": line(await listening(pages, stack)),
      "disco/calls": line(calls.port),
      "disco/resetting": line(resetting.port),
      "disco/chat": line(chat.port),
      "disco/bytes": line(bytes.port),
      "linkspan.yaml": configuration(identity),
    }),
  );
  const all = stack.move();
  return { folder, trusted, identity, users, flaws, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** What is not used is forgotten within seconds. */
const briefly = `bindingCache: {idleTtlSecs: 2}
  client: {hostConnectionPool: {idleTimeMs: 500}, clientSession: {idleTimeMs: 500, lifeTimeMs: 10000}}`;

const configuration = ({ certPath, keyPath }: Issued): string => `
admin: {port: 0}
namers: [{kind: io.l5d.fs, rootDir: disco}]
routers:
- protocol: http
  dtab: /svc => /#/io.l5d.fs
  ${briefly}
  servers: [{port: 0}, {port: 0, tls: {certPath: ${certPath}, keyPath: ${keyPath}}}]
- protocol: h2
  dtab: /svc => /#/io.l5d.fs
  ${briefly}
  servers: [{port: 0}]
- protocol: tcp
  dtab: /svc => /#/io.l5d.fs/bytes
  bindingCache: {idleTtlSecs: 2}
  servers: [{port: 0}]
`;
