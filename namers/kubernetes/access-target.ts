/** Where an API server is and who asks it, at one moment: what kubeconfigs and service accounts are read into. */
import type { Clock, Environment, Log, Random, Secret } from "linkspan/plugin";

/** What shows an API server who asks. */
export interface Credentials {
  /** The value of the field `authorization`. */
  readonly authorization?: Secret;
  readonly certificate?: ClientCertificate;
}

/** PEM. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: Secret;
}

/** Makes credentials, and makes them anew when they have run out. */
export interface CredentialSource {
  /** Rejects with an Error that says whose credentials cannot be made, and why; a kept answer comes at once. */
  current(signal: AbortSignal): Promise<Credentials>;
  /** The API server answered 401 to these. */
  refused(used: Credentials): void;
}

/** One API server. */
export interface Cluster {
  readonly host: string;
  readonly port: number;
  /** What stands before every path; "" or without a slash at its end. */
  readonly basePath: string;
  readonly isSecure: boolean;
  /** PEM of whom to trust, instead of the system's authorities; asked at each new connection. */
  readonly ca: (() => Promise<string>) | undefined;
  readonly serverName: string | undefined;
  readonly disableValidation: boolean;
  readonly proxy: ProxyPlace | undefined;
}

/** An HTTP proxy. */
export interface ProxyPlace {
  readonly host: string;
  readonly port: number;
  /** Whether the proxy itself is spoken to over TLS; the system's authorities are believed. */
  readonly isSecure: boolean;
  /** The value of the field `proxy-authorization`. */
  readonly authorization: Secret | undefined;
}

export interface Target {
  readonly cluster: Cluster;
  readonly credentials: CredentialSource;
  readonly namespace: string | undefined;
}

/** Says where to ask, as files and environment have it now. */
export interface TargetSource {
  /** For people, even while the target cannot be told. */
  readonly shown: string;
  /** Rejects with an Error that says what of which file is wrong; after a success the last good target stays in use. */
  current(): Promise<Target>;
}

/** What of this host matters to the access. */
export interface HostFacts {
  readonly env: Environment;
  readonly home: string;
  /** Where pods have the files of their service account. */
  readonly serviceAccountFolder: string;
}

export interface AccessWorld {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly host: HostFacts;
  /** Ends what runs for the access. */
  readonly signal: AbortSignal;
}
