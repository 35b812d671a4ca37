/** The whole corpus. */
import type { Case } from "./case.ts";
import { chunks } from "./chunks.ts";
import { codings } from "./codings.ts";
import { connections } from "./connections.ts";
import { lengths } from "./lengths.ts";
import { lines } from "./lines.ts";
import { targetCases } from "./targets.ts";
import { twoFramings } from "./two-framings.ts";

export const topics: Readonly<Record<string, readonly Case[]>> = {
  "two framings": twoFramings,
  lengths,
  codings,
  chunks,
  lines,
  targets: targetCases,
  connections,
};
