/** The long form of a configuration, as text. */
import { stringify } from "yaml";
import type { Config } from "./config.ts";

/** The linkerd.yaml that means the same as a configuration, whichever way it was written. */
export function expand(config: Config): string {
  return stringify(config.written, { lineWidth: 0, blockQuote: "literal", aliasDuplicateObjects: false });
}
