/** The keys of a router's access log, of HTTP/1 and of HTTP/2, and what they mean together. */
import { readRollPolicy, type RollPolicy } from "../access-log/roll-policy.ts";
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

const rule = {
  expected: "Never, Hourly, Daily, Weekly(n), or a size such as 10.megabytes",
  parse: readRollPolicy,
};

const path = s.optional(s.string({ doc: "The file of the access log; none if it is not said." }));
const roll = s.text(rule, { default: "never", doc: "When a new file is begun." });
const append = s.boolean({ default: true, doc: "Whether what stands in the file at the start is kept." });
const rotateCount = s.integer({ min: -1, default: -1, doc: "How many older files are kept; -1: all." });

export const httpAccessLogKeys = {
  httpAccessLog: path,
  httpAccessLogRollPolicy: roll,
  httpAccessLogAppend: append,
  httpAccessLogRotateCount: rotateCount,
};

export const h2AccessLogKeys = {
  h2AccessLog: path,
  h2AccessLogRollPolicy: roll,
  h2AccessLogAppend: append,
  h2AccessLogRotateCount: rotateCount,
};

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
