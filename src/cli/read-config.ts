/** Reads the configuration that a command names, `-` for standard input. */
import type { Config } from "../config/config.ts";
import { loadConfig, type Looking, parseConfig } from "../config/load.ts";
import type { CommandContext } from "./command.ts";

/** What other files a command looks into before it goes on. */
export type Thoroughness = "alone" | "before running" | "checking";

/** Throws ConfigError or UnreadableFile. An expired certificate keeps nobody from running. */
export async function readConfig(
  file: string,
  { io, roots }: CommandContext,
  thoroughness: Thoroughness = "alone",
): Promise<Config> {
  const { builtins, clock } = roots;
  const now = clock.wall();
  const looking: Readonly<Record<Thoroughness, Looking>> = {
    alone: {},
    "before running": { certificates: { now, expired: "warning" } },
    checking: { certificates: { now, expired: "error" }, pluginFiles: true },
  };
  if (file !== "-") return loadConfig(file, builtins, looking[thoroughness]);
  return parseConfig(await io.input(), { file: "-", baseDir: process.cwd(), builtins, ...looking[thoroughness] });
}
