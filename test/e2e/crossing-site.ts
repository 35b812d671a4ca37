/** A daemon with one router towards HTTP/1 and one towards HTTP/2, and raw peers at every end. */
import type { JudgedStream } from "../fakes/h2-ledger.ts";
import type { Setting } from "../fakes/h2-frames.ts";
import type { Field } from "../fakes/h2-hpack.ts";
import { H2Listener, H2Peer, type PeerOptions } from "../fakes/h2-wire.ts";
import { type Answer, RawBackend } from "../fakes/raw-backend.ts";
import { RawCaller } from "../fakes/raw-caller.ts";
import { readCutRequests, readResponses, type StrictMessage } from "../fakes/strict-reader.ts";
import { startDaemon, type TestDaemon } from "./daemon.ts";

/** The pseudo fields of a request for the service `web`. */
export const pseudo = (method = "GET", path = "/"): Field[] => [
  [":method", method],
  [":scheme", "http"],
  [":path", path],
  [":authority", "web"],
];

/** Callers of HTTP/2, and a backend of HTTP/1. */
export interface DownSite extends AsyncDisposable {
  readonly daemon: TestDaemon;
  readonly backend: RawBackend;
  connect(options?: PeerOptions): Promise<H2Peer>;
  /** The requests that the backend has read whole, on all connections. */
  requests(): StrictMessage[];
}

const yaml = (protocol: string, port: number, towards: string): string => `
admin: {port: 0}
routers:
- {protocol: ${protocol}, dtab: "/svc => /$/inet/127.1/${port}", client: {protocol: ${towards}}, servers: [{port: 0}]}
`;

export async function downSite(answer: Answer): Promise<DownSite> {
  const backend = await RawBackend.start(answer);
  const daemon = await startDaemon(yaml("h2", backend.port, "http"));
  return {
    daemon,
    backend,
    connect: (options) => H2Peer.connect(daemon.port, options),
    requests: () => backend.seen.flatMap((seen) => readCutRequests(seen).messages),
    [Symbol.asyncDispose]: async () => {
      await daemon[Symbol.asyncDispose]();
      await backend[Symbol.asyncDispose]();
    },
  };
}

/** Callers of HTTP/1, and a backend of HTTP/2 in the test's hands. */
export interface UpSite extends AsyncDisposable {
  readonly daemon: TestDaemon;
  readonly listener: H2Listener;
  connect(): Promise<RawCaller>;
  /** The next request, whose head has come, and the connection that it came on. */
  next(): Promise<{ peer: H2Peer; stream: JudgedStream }>;
}

export async function upSite(says: readonly Setting[] = []): Promise<UpSite> {
  const listener = await H2Listener.start({ says });
  const daemon = await startDaemon(yaml("http", listener.port, "h2"));
  let peer: H2Peer | undefined;
  return {
    daemon,
    listener,
    connect: () => RawCaller.connect(daemon.port),
    next: async () => {
      peer ??= await listener.next();
      return { peer, stream: await peer.nextRequest() };
    },
    [Symbol.asyncDispose]: async () => {
      await daemon[Symbol.asyncDispose]();
      await listener[Symbol.asyncDispose]();
    },
  };
}

/** Waits for the end of an answer over HTTP/1, interim ones before it. */
export async function answersOf(caller: RawCaller, method = "GET"): Promise<StrictMessage[]> {
  const read = (): StrictMessage[] => {
    try {
      return readResponses(caller.got, [method], caller.state === "ended");
    } catch {
      return [];
    }
  };
  await caller.until(() => {
    const last = read().at(-1);
    return last !== undefined && !last.line.startsWith("HTTP/1.1 1");
  });
  return read();
}

/** Waits for the end of an answer over HTTP/2, whole or not. */
export async function streamEnds(caller: H2Peer, id: number): Promise<JudgedStream> {
  const over = (): boolean => {
    const stream = caller.judge.streams.get(id);
    return stream !== undefined && (stream.hasEnded || stream.reset !== undefined);
  };
  await caller.until("the end of the stream", over, 5000);
  return caller.stream(id);
}
