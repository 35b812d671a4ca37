/** Writes a linkerd.yaml in the short form, as far as it can be said in it, and tells what became of each key. */
import type { Config } from "../config.ts";
import { ConfigError, type ProblemList } from "../config-error.ts";
import { type ParseOptions, parseConfig } from "../load.ts";
import { readSource } from "../read-source.ts";
import { isShortForm } from "../short-form.ts";
import { type MappingNode, Source } from "../source.ts";
import { writeYaml } from "../write-yaml.ts";
import { type ReportLine, showKey } from "./import-report.ts";
import { type RefusedPart, refusedParts, without } from "./refused-parts.ts";
import { translate } from "./translate.ts";

export interface Imported {
  readonly text: string;
  /** In the order of the file that was imported. */
  readonly report: readonly ReportLine[];
}

/** What is refused may hide something else that is, but not often. */
const MOST_PASSES = 20;

/**
 * Throws a ConfigError where the file has mistakes, or holds the short form already. What is merely not in this version
 * is left out. Nothing is taken as said that was not read back and compared.
 */
export async function importLinkerd(text: string, options: ParseOptions): Promise<Imported> {
  const { source, problems } = readSource(options.file, text);
  if (isShortForm(source)) throw alreadyShort(problems);
  const { config, read, refused } = await readRest(text, source, options);
  const made = await translate(config, read, options);
  const report = [...refused, ...made.report].toSorted((a, b) => a.line - b.line);
  return { text: made.text, report };
}

interface Rest {
  readonly config: Config;
  /** What is left of the file; its nodes know where they stand in it. */
  readonly read: Source;
  readonly refused: readonly ReportLine[];
}

async function readRest(text: string, source: Source, options: ParseOptions): Promise<Rest> {
  let current = text;
  let read = source;
  let first: ConfigError | undefined;
  const refused: ReportLine[] = [];
  for (let pass = 1; ; pass++) {
    try {
      return { config: await parseConfig(current, options), read, refused };
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      first ??= error;
      const parts = refusedParts(readSource(options.file, current).source, error.problems);
      if (parts === undefined || read.root?.kind !== "mapping" || pass === MOST_PASSES) throw first;
      refused.push(...parts.map((part) => lineOf(part, read)));
      const rest: MappingNode = without(
        read.root,
        parts.map(({ at }) => at),
      );
      current = writeYaml(rest);
      read = new Source(source.file, source.text, rest);
    }
  }
}

function lineOf({ at, why }: RefusedPart, read: Source): ReportLine {
  return { key: showKey(at), line: read.place(at, { key: true }).line, fate: "refused", note: why };
}

function alreadyShort(problems: ProblemList): ConfigError {
  const key = ["sources", "routes", "listen", "trust"].find((each) => problems.source.node([each]) !== undefined);
  const message = `\`${key}\` is of the short form already`;
  problems.add({ at: [key ?? ""], key: true, message, expected: "a linkerd.yaml" });
  return new ConfigError(problems.all);
}
