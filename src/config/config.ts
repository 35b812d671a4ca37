/** What a configuration file means: plain data, every default applied, ready to be linked. */
import type { Dtab } from "../naming/dtab.ts";
import type { Path } from "../naming/path.ts";
import type { AccessLogConfig } from "./access-log-keys.ts";
import type { ControlConfig } from "./control-schema.ts";
import type { ClientConfig, HttpProtocol, ServiceConfig } from "./client-schema.ts";
import type { ConfigProblem } from "./config-error.ts";
import type { DtabPlaces } from "./dtab-places.ts";
import type { GuardSettings } from "./plugin.ts";
import type { PluginUse } from "./plugin-field.ts";
import type { Registry } from "./registry.ts";
import type { ServerConfig } from "./server-schema.ts";
import type { Source } from "./source.ts";
import type { Settings } from "./static-settings.ts";
import type { TelemeterConfig } from "./telemeter-schema.ts";
import type { AdminConfig } from "./admin-schema.ts";
import type { AnnouncerConfig } from "./announcer-field.ts";
import type { MirrorConfig } from "./mirror-schema.ts";
import type { LogConfig } from "./top-schema.ts";

export type { ClientConfig, HttpProtocol, ServiceConfig } from "./client-schema.ts";
export { type H2ClientKeys, h2Defaults } from "./h2-keys.ts";
export type { PluginUse } from "./plugin-field.ts";
export type { ServerConfig } from "./server-schema.ts";
export { ruleFor, settingsFor, type Settings } from "./static-settings.ts";
export type { TelemeterConfig } from "./telemeter-schema.ts";
export type { AdminConfig } from "./admin-schema.ts";
export type { AnnouncerConfig } from "./announcer-field.ts";
export type { MirrorConfig } from "./mirror-schema.ts";
export type { LogConfig } from "./top-schema.ts";

/** Data threads of a daemon whose file does not say how many. */
export const defaultWorkers = 1;

/** A whole configuration. */
export interface Config {
  /** As it was given on the command line; `-` for standard input. */
  readonly file: string;
  /** Absolute; relative paths in the file start here. */
  readonly baseDir: string;
  /** What was read; other threads give it a meaning of their own. */
  readonly source: Source;
  readonly routers: readonly RouterConfig[];
  /** Where two have the same prefix, the later one wins. */
  readonly namers: readonly NamerConfig[];
  /** What of one registry is published in another; each has a name of its own. */
  readonly mirrors: readonly MirrorConfig[];
  readonly control: ControlConfig;
  readonly admin: AdminConfig;
  readonly telemetry: readonly TelemeterConfig[];
  readonly guard: GuardSettings;
  /** How long a source may go unconfirmed before this daemon says that it is not ready; for ever if it is not said. */
  readonly maxStaleMs: number | undefined;
  readonly snapshot: SnapshotConfig;
  readonly log: LogConfig;
  /** How long a shutdown may take. */
  readonly shutdownGraceMs: number;
  /** How long an idle connection of a caller is kept then; never beyond the grace. */
  readonly lastCallMs: number;
  /** Data threads, where the file says; 0: everything in one. */
  readonly workers: number | undefined;
  /** How large the control thread's heap may grow, where the file says. */
  readonly controlHeapMb: number | undefined;
  /** Where this daemon runs, where the file says. */
  readonly zone: string | undefined;
  /** The plugins in the box and those that the file names. */
  readonly registry: Registry;
  /** The linkerd.yaml as data: as it was written, or what the short form became. `expand` prints it. */
  readonly written: unknown;
  /** The same with the letters of its scalars. */
  readonly expanded: Source;
  /** What was accepted and yet is worth a line. */
  readonly warnings: readonly ConfigProblem[];
}

/** Where what registries said last is kept. */
export interface SnapshotConfig {
  /** As written; `undefined` for the default place. */
  readonly path: string | undefined;
  readonly intervalMs: number;
  readonly keepMs: number;
}

export interface RouterConfig {
  /** A TCP router says less than others; what it cannot say has their defaults here. */
  readonly protocol: HttpProtocol | "tcp";
  readonly label: string;
  readonly dstPrefix: Path;
  readonly dtab: Dtab;
  /** Where each dentry of the dtab is written. */
  readonly dtabPlaces: DtabPlaces;
  readonly originator: boolean;
  readonly bindingTimeoutMs: number;
  readonly bindingCache: BindingCacheConfig;
  /** Where its servers can be announced; of two with the same prefix both are told. */
  readonly announcers: readonly AnnouncerConfig[];
  readonly interpreter: PluginUse<"interpreter">;
  /** Of what its interpreter binds, one after another. */
  readonly transformers: readonly PluginUse<"transformer">[];
  /** At least one; the first that knows a request names it. */
  readonly identifiers: readonly PluginUse<"identifier">[];
  /** At least one. */
  readonly servers: readonly ServerConfig[];
  /** By bound id: `settingsFor(router.client, boundId)`. */
  readonly client: Settings<ClientConfig>;
  /** By logical name: `settingsFor(router.service, name)`. */
  readonly service: Settings<ServiceConfig>;
  readonly tracePropagator: { readonly kind: "io.l5d.default" | "io.l5d.zipkin" };
  /** Of answers to callers that accept gzip; none where it is not said. */
  readonly compressionLevel?: number;
  /** On http routers: bodies of requests up to that length can be sent again. */
  readonly streamAfterContentLengthKB?: number;
  /** Where requests are written down, if anywhere. */
  readonly accessLog?: AccessLogConfig;
  readonly maxHeadersKB: number;
  readonly maxInitialLineKB: number;
}

/** Sizes of the caches of names, and how long something unused is kept in them. */
export interface BindingCacheConfig {
  readonly paths: number;
  readonly clients: number;
  readonly idleTtlSecs: number;
}

export interface NamerConfig extends PluginUse<"namer"> {
  /** Reached as `/#` followed by this. */
  readonly prefix: Path;
  /** What an alt does where this registry was never reached: end with its failure, or go on. */
  readonly whenUnreachable: "fail" | "next";
  /** Of what it binds, one after another. */
  readonly transformers: readonly PluginUse<"transformer">[];
}
