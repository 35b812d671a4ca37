/** Reads the configuration that a command names, `-` for standard input. */
import type { CertificateCheck } from "../config/certificate-check.ts";
import type { Config } from "../config/config.ts";
import { loadConfig, parseConfig } from "../config/load.ts";
import type { CommandContext } from "./command.ts";

/**
 * Throws ConfigError or UnreadableFile. `expired` is what an expired certificate is; without it the files of certificates
 * are not looked into.
 */
export async function readConfig(
  file: string,
  { io, roots }: CommandContext,
  expired?: CertificateCheck["expired"],
): Promise<Config> {
  const { builtins, clock } = roots;
  const certificates = expired === undefined ? undefined : { now: clock.wall(), expired };
  if (file !== "-") return loadConfig(file, builtins, certificates);
  const looking = certificates === undefined ? {} : { certificates };
  return parseConfig(await io.input(), { file: "-", baseDir: process.cwd(), builtins, ...looking });
}
