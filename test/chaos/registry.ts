/** A real registry as the chaos suite sees it: what is registered in it, and the troubles it can have. */
import type { TroubleProxy } from "../servers/trouble-proxy.ts";

export interface Registered {
  readonly id: string;
  readonly host: string;
  readonly port: number;
}

/** The processes of a registry, all together. */
export interface ChaosServers {
  /** As whoever operates them would. */
  stop(): Promise<void>;
  kill(): Promise<void>;
  start(): Promise<void>;
  freeze(): void;
  thaw(): void;
  /** Their wall clock jumps so far from the true one. */
  setClock?(offsetMs: number): void | Promise<void>;
}

/** Disposing ends it. Verbs that a registry has nothing of are left out. */
export interface ChaosRegistry extends AsyncDisposable {
  /** Where the n-th backend listens; port 0 is any. */
  place(n: number): { readonly host: string; readonly port: number };
  readonly servers: ChaosServers;
  /** Stands between the router and the registry. */
  readonly proxy: TroubleProxy;
  /** One line of `namers:` for a namer under `/r`, through the proxy. */
  readonly namer: string;
  /** What the name of a service is put behind, such as `/#/r`. */
  readonly base: string;

  register(service: string, instance: Registered): Promise<void>;
  deregister(service: string, id: string): Promise<void>;
  /** Everything that is registered goes without a sign, and comes back by `restore`. */
  wipe(): Promise<void>;
  restore(): Promise<void>;

  /** The router's session ends, while its connection is well. */
  expire?(): Promise<void>;
  /** Its index, or version, begins anew, with the same data. */
  resetIndex(): Promise<void>;
  /** Its servers are started anew, one after the other. */
  rollingRestart(): Promise<void>;
  /** How many watches its clients have there. */
  watches?(): Promise<number | undefined>;
}
