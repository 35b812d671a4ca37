/** Reads YAML or JSON for plugins, as configuration files are read. */
import type { SchemaSource } from "./plugin.ts";

export interface ParsedText {
  readonly value: unknown;
  /** For a schema: gives the letters of scalars, so that a text that looks like a number stays as it was written. */
  readonly source: SchemaSource;
}

/** `file` is for messages. Rejects with an Error that says where the first mistake of the text is. */
export async function parseYaml(file: string, text: string): Promise<ParsedText> {
  // What reads text takes 10 MB of memory, and most threads never do.
  const { readSource } = await import("./read-source.ts");
  const { source, problems } = readSource(file, text);
  const first = problems.all.find(({ severity }) => severity === "error");
  if (first !== undefined) throw new Error(`${file}:${first.line}:${first.column}: ${first.message}`);
  return { value: source.value, source: source.under([]) };
}
