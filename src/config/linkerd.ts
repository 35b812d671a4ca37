/** What a linkerd.yaml means. */
import { atOnce } from "../base/turn.ts";
import { Path } from "../naming/path.ts";
import { checkAnnounced } from "./announce-check.ts";
import { assembleAnnouncer } from "./announcer-field.ts";
import { accessLogOf } from "./access-log-keys.ts";
import { checkCertificates, type CertificateCheck } from "./certificate-check.ts";
import type { Config, NamerConfig, RouterConfig } from "./config.ts";
import { borrowConnections } from "./borrowed-connections.ts";
import type { ProblemList } from "./config-error.ts";
import type { ReadDtab } from "./dtab-field.ts";
import { DtabPlaces, type FilePlace } from "./dtab-places.ts";
import { checkDtabFiles } from "./dtab-files.ts";
import type { At } from "./field.ts";
import { checkMirrors } from "./mirror-check.ts";
import { movedFromTop } from "./moved-keys.ts";
import { checkNamerFolders } from "./namer-folders.ts";
import { SchemaError, type Schema, type SchemaProblem } from "./plugin.ts";
import type { Registry } from "./registry.ts";
import { completed, type ParsedRouter, routerSchema } from "./router-schema.ts";
import { s, type Infer } from "./schema.ts";
import { checkMeaning } from "./semantics.ts";
import type { Source } from "./source.ts";
import { checkCommonNames } from "./tls-names.ts";
import { idleReason } from "./telemeter-schema.ts";
import { topFields, topRefused } from "./top-schema.ts";

/** The schema of a whole linkerd.yaml. What publishes one registry in another needs no router. */
export function linkerdSchema(registry: Registry, hasMirrors = false, readDtab?: ReadDtab) {
  const least = hasMirrors ? { default: [] } : { least: 1 };
  return s.object(
    { routers: s.list(routerSchema(registry, readDtab), { ...least, doc: "What is routed." }), ...topFields(registry) },
    { refused: { ...movedFromTop, ...topRefused } },
  );
}

type Parsed = Infer<ReturnType<typeof linkerdSchema>>;

/** A configuration as written, or as the short form became one. */
export interface Written {
  readonly value: unknown;
  /** Where the letters of scalars can be asked for. */
  readonly source?: Source;
  readonly registry: Registry;
  readonly baseDir: string;
  /** Whether the files of certificates are looked into, and how. */
  readonly certificates?: CertificateCheck;
  /** Whether the files and folders are looked for that plugins read while the daemon runs. */
  readonly pluginFiles?: boolean;
  /** Knows what was read of long dtabs before. */
  readonly readDtab?: ReadDtab;
  /** Is given what takes long and only adds problems, a step a value; without it that is done at once. */
  readonly later?: (check: Generator<void>) => void;
}

/** Adds every problem to `problems`; `undefined` when the file cannot be given a meaning. */
export function readLinkerd(written: Written, problems: ProblemList): Config | undefined {
  const { value, placeOf } = borrowConnections(written.value, written.registry, problems);
  const borrowed = problems.through((at, aspect) => ({ at: placeOf(at), aspect }));
  const parsed = parseWith(
    linkerdSchema(written.registry, hasMirrors(value), written.readDtab),
    { ...written, value },
    borrowed,
    placeOf,
  );
  const check = checkMeaning(written.value, written.registry, problems, parsed?.routers);
  (written.later ?? atOnce)(check);
  if (parsed === undefined) return undefined;
  const config = assemble(parsed, written, problems);
  checkMirrors(config.mirrors, { served: config.namers, routers: config.routers }, problems);
  checkAnnounced(config.routers, problems);
  warnOfIdleParts(parsed, problems);
  checkCommonNames(config.routers, problems);
  const { certificates, pluginFiles } = written;
  if (certificates !== undefined) checkCertificates(config, certificates, problems);
  if (pluginFiles === true) {
    checkNamerFolders(config, problems);
    checkDtabFiles(config, problems);
  }
  return config;
}

function hasMirrors(value: unknown): boolean {
  const { mirrors } = (value ?? {}) as { readonly mirrors?: unknown };
  return Array.isArray(mirrors) && mirrors.length > 0;
}

/**
 * Parses a whole file; problems and warnings go to `problems`. `placeOf` says where in `source` is what stands at a place
 * of `value`, where that is another.
 */
export function parseWith<T>(
  schema: Schema<T>,
  { value, source }: Pick<Written, "value" | "source">,
  problems: ProblemList,
  placeOf: (at: At) => At = (at) => at,
): T | undefined {
  const warn = (problem: SchemaProblem): void => problems.add(problem, [], "warning");
  try {
    const textAt = (at: At): string | undefined => source?.under([]).textAt?.(placeOf(at));
    return schema.parse(value, source === undefined ? { warn } : { textAt, warn });
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    for (const problem of error.problems) problems.add(problem);
    return undefined;
  }
}

function assemble(parsed: Parsed, { value, source, registry, baseDir }: Written, problems: ProblemList): Config {
  const { admin, control, telemetry, guard, snapshot, log, workers, controlHeapMb, zone } = parsed;
  return {
    file: problems.source.file,
    baseDir,
    source: problems.source,
    routers: parsed.routers.map((router, index) => assembleRouter(router, index, registry, problems)),
    namers: parsed.namers.map((namer, index) => assembleNamer(namer, index, problems)),
    mirrors: parsed.mirrors,
    control: { host: control.host, store: control.store, override: control.override },
    admin,
    telemetry,
    guard: { holdMs: guard.hold, nameShare: guard.name, sourceShare: guard.source },
    maxStaleMs: guard.maxStale,
    snapshot: { path: snapshot.path, intervalMs: snapshot.interval, keepMs: snapshot.keep },
    log,
    shutdownGraceMs: parsed.shutdown.grace ?? admin.shutdownGraceMs,
    lastCallMs: parsed.shutdown.lastCall,
    workers,
    controlHeapMb,
    zone,
    registry,
    written: value,
    expanded: source ?? problems.source,
    warnings: [],
  };
}

/** Of HTTP/1 connections of routers that cannot say. */
const headLimits = { maxHeadersKB: 8, maxInitialLineKB: 4 };

function assembleRouter(router: ParsedRouter, index: number, registry: Registry, problems: ProblemList): RouterConfig {
  const whole = router.protocol === "tcp" ? completed(router, registry) : router;
  const { identifier, interpreter, experimental: _, label, ...rest } = whole;
  const accessLog = accessLogOf(whole);
  return {
    ...headLimits,
    ...rest,
    ...(accessLog === undefined ? {} : { accessLog }),
    label: label ?? router.protocol,
    dtabPlaces: new DtabPlaces(() =>
      router.dtab.dentries.map((dentry) => dentryPlace(problems, index, dentry.at?.start ?? 0)),
    ),
    announcers: router.announcers.map(assembleAnnouncer),
    interpreter,
    transformers: interpreter.transformers,
    identifiers: "plugin" in identifier ? [identifier] : identifier,
  };
}

function dentryPlace(problems: ProblemList, router: number, offset: number): FilePlace {
  const { line, column } = problems.place(["routers", router, "dtab"], { offset });
  return { file: problems.source.file, line, column };
}

function assembleNamer(namer: Parsed["namers"][number], index: number, problems: ProblemList): NamerConfig {
  if (namer.plugin.needsPrefix === true && namer.prefix === undefined) {
    const message = "`prefix` is missing";
    problems.add({ at: ["namers", index], code: "key.missing", message, expected: "a path such as /rewritten" });
  }
  const whenUnreachable = namer.whenUnreachable ?? namer.plugin.whenUnreachable ?? "fail";
  return { ...namer, prefix: namer.prefix ?? Path.of(namer.kind), whenUnreachable };
}

function warnOfIdleParts(parsed: Parsed, problems: ProblemList): void {
  for (const [index, each] of parsed.telemetry.entries()) {
    const why = idleReason(each);
    if (why === undefined) continue;
    const message = `the telemeter ${each.kind} has no effect: ${why}`;
    problems.add({ at: ["telemetry", index, "kind"], code: "key.idle", message }, [], "warning");
  }
}
