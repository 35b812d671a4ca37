/** A daemon with one h2 router, and gRPC backends that it knows by name. */
import type { ClientOptions } from "@grpc/grpc-js";
import { type GrpcBackend, GrpcCaller, type Handlers, type Outcome, startGrpcBackend } from "../fakes/grpc-peers.ts";
import { startDaemon, type TestDaemon } from "./daemon.ts";
import { tempFolder } from "./temp-folder.ts";

export interface GrpcSiteOptions {
  /** Keys of the router beside its dtab and server, as YAML of one line each. */
  readonly router?: readonly string[];
  /** Keys of its server, as in a flow mapping. */
  readonly server?: string;
}

export interface GrpcSite extends AsyncDisposable {
  readonly daemon: TestDaemon;
  readonly port: number;
  /** A caller whose calls go to the service of that name. */
  caller(name: string, options?: ClientOptions): GrpcCaller;
}

/** `services` are ports by name. */
export async function grpcSite(
  services: Readonly<Record<string, readonly number[]>>,
  { router = [], server = "" }: GrpcSiteOptions = {},
): Promise<GrpcSite> {
  const folder = tempFolder();
  for (const [name, ports] of Object.entries(services)) {
    folder.write(`disco/${name}`, ports.map((port) => `127.0.0.1 ${port}\n`).join(""));
  }
  const yaml = `
admin: {port: 0}
namers:
- {kind: io.l5d.fs, rootDir: disco}
routers:
- protocol: h2
  dtab: /svc => /#/io.l5d.fs
${router.map((line) => `  ${line}\n`).join("")}  servers: [{port: 0${server === "" ? "" : `, ${server}`}}]
`;
  const daemon = await startDaemon(yaml, folder.path);
  const callers: GrpcCaller[] = [];
  return {
    daemon,
    port: daemon.port,
    caller(name, options) {
      const caller = new GrpcCaller(daemon.port, name, options);
      callers.push(caller);
      return caller;
    },
    async [Symbol.asyncDispose]() {
      for (const caller of callers) caller[Symbol.dispose]();
      await daemon[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

export interface Echo extends AsyncDisposable {
  readonly site: GrpcSite;
  readonly backend: GrpcBackend;
}

/** A daemon before one backend, `echo`. */
export async function echo(handlers: Partial<Handlers> = {}, options: GrpcSiteOptions = {}): Promise<Echo> {
  const backend = await startGrpcBackend(handlers);
  const site = await grpcSite({ echo: [backend.port] }, options);
  const dispose = async (): Promise<void> => {
    await site[Symbol.asyncDispose]();
    await backend[Symbol.asyncDispose]();
  };
  return { site, backend, [Symbol.asyncDispose]: dispose };
}

/** The messages that a caller got. */
export const texts = ({ messages }: Outcome): string[] => messages.map((message) => message.toString("latin1"));
