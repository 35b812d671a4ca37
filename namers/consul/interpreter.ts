/** An interpreter whose dtab is in Consul's KV store. */
import type { ClientTlsConfig, Interpreter, InterpreterContext, Path, Secret } from "linkspan/plugin";
import { agentOrigin } from "./agent-origin.ts";
import { AgentConnections } from "./connections.ts";
import { DtabKey } from "./dtab-key.ts";
import type { ConsistencyMode } from "./options.ts";
import { TokenSource } from "./token-source.ts";

export interface ConsulInterpreterOptions {
  readonly host: string;
  readonly port: number;
  readonly token: Secret | undefined;
  /** An absolute path. */
  readonly tokenFile: string | undefined;
  readonly tls: ClientTlsConfig | undefined;
  readonly pathPrefix: Path;
  readonly namespace: string;
  readonly datacenter?: string;
  readonly readConsistencyMode: ConsistencyMode;
  readonly backoff?:
    | { readonly kind: "constant"; readonly ms: number }
    | { readonly kind: "jittered"; readonly minMs: number; readonly maxMs: number };
}

/** Not less, whatever the configuration says: an agent that refuses at once must not be asked as fast as it refuses. */
const LEAST_RETRY_MS = 10;

export function openConsulInterpreter(options: ConsulInterpreterOptions, context: InterpreterContext): Interpreter {
  const { host, port, tls, token, tokenFile, pathPrefix, namespace, datacenter, readConsistencyMode } = options;
  const { http, clock, random, baseDir } = context;
  // Of its own, so that a store that is waited for takes no connection from the services that are.
  const connections = new AgentConnections(http, agentOrigin({ host, port, tls }, baseDir));
  return context.interpret(
    new DtabKey({
      connections,
      tokens: new TokenSource(token, tokenFile, clock),
      key: [...pathPrefix.elems, namespace].join("/"),
      datacenter,
      consistencyMode: readConsistencyMode,
      clock,
      random,
      retry: retryOf(options.backoff),
    }),
  );
}

function retryOf(backoff: ConsulInterpreterOptions["backoff"]): { readonly minMs: number; readonly maxMs: number } {
  if (backoff === undefined) return { minMs: 100, maxMs: 5_000 };
  const { minMs, maxMs } = backoff.kind === "constant" ? { minMs: backoff.ms, maxMs: backoff.ms } : backoff;
  return { minMs: Math.max(LEAST_RETRY_MS, minMs), maxMs: Math.max(LEAST_RETRY_MS, maxMs) };
}
