/** What a ZooKeeper session is given, and what it can be in. */
import type { Clock, Dialer, Log, Random, Resolver, Secret } from "linkspan/plugin";
import type { ZkServer } from "./connect-string.ts";

export interface ZkAuth {
  readonly scheme: string;
  /** For `digest`: `user:password`. */
  readonly value: Secret | string;
}

export interface ZkWorld {
  readonly dial: Dialer;
  readonly resolve: Resolver;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export interface SessionSettings {
  readonly servers: readonly ZkServer[];
  readonly sessionTimeoutMs: number;
  readonly auth: readonly ZkAuth[];
  readonly readOnly: boolean;
}

/**
 * `idle`: not started. `connecting`: no session yet; `cause` is why the last attempt failed.
 * `connected`: everything works; `renewed` when the session before it had expired, so that ephemeral nodes are to be
 * made again. `suspended`: the connection is lost, the session perhaps not; `since` is epoch ms.
 * `expired`: the server has dropped the session, a new one follows by itself.
 * `auth_failed`: the credentials are refused; tried again slowly. `closed`: by us, for good.
 */
export type SessionState =
  | { readonly tag: "idle" }
  | { readonly tag: "connecting"; readonly cause?: Error }
  | Connected
  | { readonly tag: "suspended"; readonly sessionId: string; readonly since: number; readonly cause: Error }
  | { readonly tag: "expired"; readonly sessionId: string }
  | { readonly tag: "auth_failed"; readonly cause: Error }
  | { readonly tag: "closed" };

export interface Connected {
  readonly tag: "connected";
  /** Hexadecimal, as in the server's log. */
  readonly sessionId: string;
  /** `host:port`. */
  readonly server: string;
  /** What the server granted. */
  readonly timeoutMs: number;
  readonly readOnly: boolean;
  readonly renewed: boolean;
}
