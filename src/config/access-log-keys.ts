/** The keys of a router's access log, of HTTP/1 and of HTTP/2, and what they mean together. */
import { readRollPolicy, type RollPolicy } from "../access-log/roll-policy.ts";
import type { OptionalField } from "./compound-fields.ts";
import type { Field } from "./field.ts";
import { s } from "./schema.ts";

export interface AccessLogConfig {
  /** As written: relative to the configuration. */
  readonly path: string;
  readonly roll: RollPolicy;
  readonly append: boolean;
  readonly rotateCount: number;
  /** How Linkerd 1 wrote its lines in this protocol. */
  readonly style: "http" | "h2";
}

type LogKey = "httpAccessLog" | "h2AccessLog";
type Keys<K extends LogKey> = { readonly [Each in K]: OptionalField<string> } & {
  readonly [Each in `${K}RollPolicy`]: Field<RollPolicy>;
} & { readonly [Each in `${K}Append`]: Field<boolean> } & { readonly [Each in `${K}RotateCount`]: Field<number> };

const rule = {
  expected: "Never, Hourly, Daily, Weekly(n), or a size such as 10.megabytes",
  parse: readRollPolicy,
};

/** `key` begins each of them. */
export function accessLogKeys<K extends LogKey>(key: K): Keys<K> {
  const fields = {
    [key]: s.optional(s.string({ doc: "The file of the access log; none if it is not said." })),
    [`${key}RollPolicy`]: s.text(rule, { default: "never", doc: "When a new file is begun." }),
    [`${key}Append`]: s.boolean({ default: true, doc: "Whether what stands in the file at the start is kept." }),
    [`${key}RotateCount`]: s.integer({ min: -1, default: -1, doc: "How many older files are kept; -1: all." }),
  };
  return fields as unknown as Keys<K>;
}

/** What the keys of a router say, whichever it has. */
export function accessLogOf(router: object): AccessLogConfig | undefined {
  for (const style of ["http", "h2"] as const) {
    const said = router as Readonly<Record<string, unknown>>;
    const key = `${style}AccessLog`;
    if (typeof said[key] !== "string") continue;
    return {
      path: said[key],
      roll: said[`${key}RollPolicy`] as RollPolicy,
      append: said[`${key}Append`] as boolean,
      rotateCount: said[`${key}RotateCount`] as number,
      style,
    };
  }
  return undefined;
}
