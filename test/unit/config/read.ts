/** Reads texts as configurations, with the plugins of tests. */
import type { Config } from "../../../src/config/config.ts";
import { ConfigError, type ConfigProblem } from "../../../src/config/config-error.ts";
import { parseConfig } from "../../../src/config/load.ts";
import { testPlugins } from "./test-plugins.ts";

export function read(text: string): Promise<Config> {
  return parseConfig(text, { file: "linkerd.yaml", baseDir: "/etc/linkspan", builtins: testPlugins });
}

/** The problems of a text that is refused, warnings too; none if it is accepted. */
export async function problemsOf(text: string): Promise<readonly ConfigProblem[]> {
  try {
    await read(text);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

export async function errorsOf(text: string): Promise<readonly ConfigProblem[]> {
  return (await problemsOf(text)).filter((problem) => problem.severity === "error");
}
