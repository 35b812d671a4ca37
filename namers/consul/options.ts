/** What a Consul namer is told: Linkerd 1's keys, read and checked, and some more. */
import type { ClientTlsConfig, Secret } from "linkspan/plugin";

/** From the best to the worst; an instance is as its worst check is. */
export const HEALTH = ["passing", "warning", "critical", "maintenance"] as const;
export type Health = (typeof HEALTH)[number];

export type ConsistencyMode = "default" | "stale" | "consistent";

export interface ConsulOptions {
  readonly host: string;
  readonly port: number;
  /** Whether a tag stands before the service in a path. */
  readonly includeTag: boolean;
  /** Whether `service#tag` means only instances with that tag. */
  readonly tagAfterHash: boolean;
  readonly useHealthCheck: boolean;
  readonly healthStatuses: readonly Health[];
  readonly token: Secret | undefined;
  /** An absolute path. */
  readonly tokenFile: string | undefined;
  readonly setHost: boolean;
  readonly consistencyMode: ConsistencyMode;
  readonly preferServiceAddress: boolean;
  readonly weights: readonly { readonly tag: string; readonly weight: number }[];
  /** Whether the weights that services are registered with count. */
  readonly useServiceWeights: boolean;
  readonly transferMetadata: boolean;
  readonly tls: ClientTlsConfig | undefined;
}
