/** What a ZooKeeper session is given, and what it can be in. */
import { type Clock, type Dialer, type Log, type Random, type Resolver, Secret } from "linkspan/plugin";
import type { ZkServer } from "./connect-string.ts";

/** A secret, or how it is read: asked at each connection, so that what changed on disk is used. */
export type SecretSource = Secret | (() => Promise<Secret>);

/** The secret as it is now. */
export async function reveal(source: SecretSource): Promise<Secret> {
  return source instanceof Secret ? source : source();
}

export interface ZkAuth {
  readonly scheme: string;
  /** For `digest`: `user:password`. */
  readonly value: SecretSource;
}

/** Proved to the server by DIGEST-MD5, and the server's knowledge of it to us. */
export interface ZkSasl {
  readonly user: string;
  readonly password: SecretSource;
}

/** Certificates and keys are PEM. */
export interface ZkTls {
  /** Whom to trust, instead of the system's authorities. */
  readonly ca?: readonly Buffer[];
  readonly cert?: Buffer;
  readonly key?: Buffer;
  /** What the certificate must be for; the server's host unless it is said. */
  readonly name?: string;
  /** Otherwise any certificate will do. */
  readonly validates: boolean;
  /** Both unless some are said. */
  readonly protocols: readonly ("TLSv1.2" | "TLSv1.3")[];
}

/** How this client shows who it is, and who it talks to. */
export interface ZkProofs {
  /** Given to every connection before anything else. */
  readonly auth: readonly ZkAuth[];
  /** Before `auth`. */
  readonly sasl?: ZkSasl;
  /** Asked at each connection, so that what changed on disk is used. Plain without it. */
  readonly tls?: () => Promise<ZkTls>;
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
  readonly proofs: ZkProofs;
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
  /** Since when, by the clock's `now`. */
  readonly at: number;
}
