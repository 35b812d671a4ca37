/** A rule that says what answers are: the keys by which a file says it, in the short form as in a classifier. */
import type { Infer } from "./compound-fields.ts";
import { matchFields } from "./request-match.ts";
import { s } from "./schema.ts";

export interface StatusRange {
  readonly least: number;
  readonly most: number;
}

const LEAST = 200;
const MOST = 599;

/** Of what the field `status` takes. Throws an Error. */
export function readStatusRange(text: string): StatusRange {
  const [, first = "", last = first] = /^(\d{3})(?:-(\d{3}))?$/.exec(text) ?? [];
  const [least, most] = [Number(first), Number(last)];
  if (!(least >= LEAST && most <= MOST && least <= most)) {
    throw new Error(`${JSON.stringify(text)} is no status of an answer, nor a range of such`);
  }
  return { least, most };
}

const range = s.text({
  expected: "a status such as 503, or from one to another such as 500-599",
  parse(text) {
    readStatusRange(text);
    return text;
  },
});

export const classRule = s.object({
  ...matchFields,
  status: s.optional(
    s.either([range, s.integer({ min: LEAST, max: MOST }), s.list(range, { least: 1 })], {
      doc: "The statuses of answers, `503`, `500-599` or several; every one if not said, and then broken attempts too.",
    }),
  ),
  as: s.oneOf(["success", "failure", "retryable"], {
    doc: "What it was; `retryable`: a failure that may be tried again. An attempt that broke off is never a success.",
  }),
});

export type ClassRule = Infer<typeof classRule>;
