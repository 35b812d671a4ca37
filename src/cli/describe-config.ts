/** A resolved configuration as plain data, for `check --json`. Secrets show as stars. */
import {
  type Config,
  defaultWorkers,
  type MirrorConfig,
  type NamerConfig,
  type PluginUse,
  type RouterConfig,
  type Settings,
} from "../config/config.ts";
import { showSource } from "../config/mirror-schema.ts";
import type { Family } from "../config/plugin.ts";

export function describeConfig(config: Config): object {
  const { file, admin, telemetry, guard, log, shutdownGraceMs, lastCallMs, workers } = config;
  return {
    file,
    routers: config.routers.map(describeRouter),
    namers: config.namers.map(describeNamer),
    ...(config.mirrors.length > 0 ? { mirrors: config.mirrors.map(describeMirror) } : {}),
    admin,
    telemetry,
    guard,
    log,
    shutdownGraceMs,
    lastCallMs,
    workers: workers ?? defaultWorkers,
  };
}

function describeRouter(router: RouterConfig): object {
  const { dstPrefix, dtab, dtabPlaces: _, identifiers, client, service, ...rest } = router;
  return {
    ...rest,
    dstPrefix: dstPrefix.show,
    dtab: dtab.show,
    identifiers: identifiers.map(describeUse),
    client: describeSettings(client),
    service: describeSettings(service),
  };
}

function describeNamer(namer: NamerConfig): object {
  return { prefix: namer.prefix.show, whenUnreachable: namer.whenUnreachable, ...describeUse(namer) };
}

function describeMirror({ from, to, ...rest }: MirrorConfig): object {
  return { ...rest, from: showSource(from), to: describeUse(to) };
}

function describeSettings<C extends object>({ base, rules }: Settings<C>): object {
  const described = rules.map(({ prefix, settings }) => ({ prefix: prefix.show, ...describeValues(settings) }));
  return { ...describeValues(base), ...(described.length === 0 ? {} : { rules: described }) };
}

/** Plugins among the settings as their kind and configuration. */
function describeValues(settings: object): object {
  const entries = Object.entries(settings).map(([key, value]: [string, unknown]) => [
    key,
    isUse(value) ? describeUse(value) : value,
  ]);
  return Object.fromEntries(entries) as object;
}

function describeUse({ kind, config }: PluginUse<Family>): object {
  const values: unknown = config;
  return { kind, ...(typeof values === "object" && values !== null ? values : {}) };
}

function isUse(value: unknown): value is PluginUse<Family> {
  return typeof value === "object" && value !== null && "plugin" in value && "kind" in value;
}
