/** What every transformer may be told. */
import { s } from "linkspan/plugin";

export const prefixKey = {
  prefix: s.optional(
    s.path({
      doc: "Begins, after `/%`, the ids that it gives; `/` and the kind, with what sets it apart, if not said.",
    }),
  ),
} as const;
