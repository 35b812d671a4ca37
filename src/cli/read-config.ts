/** Reads the configuration that a command names, `-` for standard input. */
import type { Config } from "../config/config.ts";
import { loadConfig, parseConfig } from "../config/load.ts";
import type { CommandContext } from "./command.ts";

/** Throws ConfigError or UnreadableFile. */
export async function readConfig(file: string, { io, roots }: CommandContext): Promise<Config> {
  if (file !== "-") return loadConfig(file, roots.builtins);
  return parseConfig(await io.input(), { file: "-", baseDir: process.cwd(), builtins: roots.builtins });
}
