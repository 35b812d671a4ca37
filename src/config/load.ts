/** From a file to a configuration: reads it, loads the plugins it names, gives it a meaning. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { inTurns, turn } from "../base/turn.ts";
import type { CertificateCheck } from "./certificate-check.ts";
import type { Config } from "./config.ts";
import { ConfigError, isError, ProblemList } from "./config-error.ts";
import { readLongDtabs } from "./dtab-field.ts";
import { readLinkerd } from "./linkerd.ts";
import { type PackedSource, unpackSource } from "./packed-source.ts";
import type { AnyPlugin } from "./plugin.ts";
import { pluginsOf, PluginRefused, Registry } from "./registry.ts";
import { isShortForm, readShortForm } from "./short-form.ts";
import type { Source } from "./source.ts";
import { NotUtf8, readUtf8 } from "./utf8.ts";

/** The file cannot be read at all. */
export class UnreadableFile extends Error {
  override readonly name = "UnreadableFile";
}

/** The text of a file. Throws UnreadableFile. */
export async function readConfigText(file: string): Promise<string> {
  try {
    return readUtf8(await readFile(file));
  } catch (error) {
    if (error instanceof NotUtf8) throw new UnreadableFile(`cannot read ${file}: ${error.message}`);
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    const why = { ENOENT: "there is no such file", EISDIR: "it is a directory", EACCES: "it may not be read" }[code];
    throw new UnreadableFile(`cannot read ${file}: ${why ?? code}`);
  }
}

/** Reads a file from disk. Throws ConfigError or UnreadableFile. */
export async function loadConfig(file: string, builtins: Iterable<AnyPlugin>, looking: Looking = {}): Promise<Config> {
  return parseConfig(await readConfigText(file), { file, baseDir: dirname(resolve(file)), builtins, ...looking });
}

/** Which other files are looked into. */
export type Looking = Pick<ParseOptions, "certificates" | "pluginFiles">;

export interface ParseOptions {
  /** For messages. */
  readonly file: string;
  readonly baseDir: string;
  readonly builtins: Iterable<AnyPlugin>;
  /** Whether the files of certificates are looked into, and how. */
  readonly certificates?: CertificateCheck;
  /** Whether the files and folders are looked for that plugins read while the daemon runs. */
  readonly pluginFiles?: boolean;
  /** Which of the plugins that a text names are loaded, where not all are: to load one is to run it. */
  readonly mayLoad?: (plugin: string) => boolean;
}

/** Throws a ConfigError with every problem. */
export async function parseConfig(text: string, { file, ...options }: ParseOptions): Promise<Config> {
  // What reads text takes 10 MB of memory, and threads are given what was read.
  const { readSource } = await import("./read-source.ts");
  const { source, problems } = readSource(file, text);
  await turn();
  return giveMeaning(source, problems, options);
}

/** As `parseConfig` of the text that was packed; problems are without their places. */
export function parsePacked(packed: PackedSource, options: Omit<ParseOptions, "file">): Promise<Config> {
  const source = unpackSource(packed);
  return giveMeaning(source, new ProblemList(source), options);
}

async function giveMeaning(
  source: Source,
  problems: ProblemList,
  { baseDir, builtins, mayLoad, ...looking }: Omit<ParseOptions, "file">,
): Promise<Config> {
  if (source.root === undefined || (problems.hasErrors && source.root.kind !== "mapping")) throw fail(problems);
  const registry = new Registry(builtins);
  await importPlugins(source, problems, registry, { baseDir, mayLoad });
  const checks: Generator<void>[] = [];
  const about = { registry, baseDir, ...looking, later: (check: Generator<void>) => void checks.push(check) };
  const config = isShortForm(source)
    ? readShortForm(source, problems, about)
    : readLinkerd({ value: source.value, source, readDtab: await readLongDtabs(source), ...about }, problems);
  for (const check of checks) await inTurns(check);
  if (config === undefined || problems.hasErrors) throw fail(problems);
  return { ...config, warnings: problems.all.filter((problem) => !isError(problem)) };
}

function fail(problems: ProblemList): ConfigError {
  return new ConfigError(problems.all, problems.source.file);
}

async function importPlugins(
  source: Source,
  problems: ProblemList,
  registry: Registry,
  { baseDir, mayLoad }: Pick<ParseOptions, "baseDir"> & { readonly mayLoad: ParseOptions["mayLoad"] | undefined },
): Promise<void> {
  const list = source.node(["plugins"]);
  if (list?.kind !== "list") return;
  for (const [index, item] of list.items.entries()) {
    if (item.kind !== "scalar" || item.text === "") continue;
    try {
      if (mayLoad?.(item.text) === false) throw new PluginRefused(`the plugin ${item.text} is not loaded for this`);
      const plugins = pluginsOf(await importDefault(item.text, baseDir), item.text);
      for (const plugin of plugins) registry.add(plugin);
    } catch (error) {
      const why = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
      const message = error instanceof PluginRefused ? why : `the plugin ${item.text} cannot be loaded: ${why}`;
      const expected = "a package, or a path that begins with `./`";
      problems.add({ at: ["plugins", index], code: "plugin.refused", message, expected });
    }
  }
}

async function importDefault(name: string, baseDir: string): Promise<unknown> {
  const url =
    name.startsWith(".") || name.startsWith("/") ? pathToFileURL(resolve(baseDir, name)) : locate(name, baseDir);
  const module: unknown = await import(url.href);
  return typeof module === "object" && module !== null && "default" in module ? module.default : undefined;
}

function locate(name: string, baseDir: string): URL {
  return pathToFileURL(createRequire(resolve(baseDir, "linkspan.yaml")).resolve(name));
}
