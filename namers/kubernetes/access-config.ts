/** How a namer is told to reach its API server. */
import type { PluginContext } from "linkspan/plugin";

/** Of `kubectl proxy`. */
export const DEFAULT_PORT = 8001;

export interface AccessConfig {
  readonly host?: string;
  readonly port?: number;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly inCluster: boolean;
}

/** What of a plugin's context the access needs. */
export type AccessContext = Pick<PluginContext, "http" | "clock" | "random" | "log" | "signal" | "baseDir" | "env">;
