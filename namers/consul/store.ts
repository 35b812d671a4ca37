/** Opens the store of shared documents in Consul's KV store. */
import type { ClientTlsConfig, DocumentStore, Path, Secret, StoreContext } from "linkspan/plugin";
import { agentOrigin } from "./agent-origin.ts";
import { AgentConnections } from "./connections.ts";
import { ConsulDocuments } from "./documents.ts";
import { TokenSource } from "./token-source.ts";

export interface ConsulStoreOptions {
  readonly host: string;
  readonly port: number;
  readonly token: Secret | undefined;
  /** An absolute path. */
  readonly tokenFile: string | undefined;
  readonly tls: ClientTlsConfig | undefined;
  readonly pathPrefix: Path;
  readonly datacenter?: string | undefined;
}

export function openConsulStore(options: ConsulStoreOptions, context: StoreContext): DocumentStore {
  const { host, port, tls, token, tokenFile, pathPrefix, datacenter } = options;
  const { http, clock, random, baseDir, collection } = context;
  return new ConsulDocuments({
    connections: new AgentConnections(http, agentOrigin({ host, port, tls }, baseDir)),
    tokens: new TokenSource(token, tokenFile, clock),
    key: [...pathPrefix.elems, collection].join("/"),
    datacenter,
    clock,
    random,
  });
}
