/** The long form of a configuration, as text. */
import type { Config } from "./config.ts";
import { writeYaml } from "./write-yaml.ts";

/** The linkerd.yaml that means the same as a configuration, whichever way it was written. */
export function expand({ expanded: { root } }: Pick<Config, "expanded">): string {
  return root?.kind === "mapping" ? writeYaml(root) : "";
}
