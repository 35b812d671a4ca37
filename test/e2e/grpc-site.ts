/** A daemon with one h2 router, and gRPC backends that it knows by name. */
import type { ClientOptions } from "@grpc/grpc-js";
import { GrpcCaller } from "../fakes/grpc-peers.ts";
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
