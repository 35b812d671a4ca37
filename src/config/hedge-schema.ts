/** What may be said of second attempts beside a slow first one, and of how much a route takes; in both forms of a file. */
import { s } from "./schema.ts";
import { parseDuration } from "./units.ts";

const PERCENTILE = /^p(\d{1,2}(?:\.\d{1,2})?)$/;

/** Throws an Error. */
export function hedgeAfter(text: string): { readonly ms: number } | { readonly share: number } {
  const percent = PERCENTILE.exec(text)?.[1];
  if (percent !== undefined && Number(percent) > 0) return { share: Number(percent) / 100 };
  const ms = parseDuration(text);
  if (ms === undefined) throw new Error(`${JSON.stringify(text)} is neither a duration nor a percentile`);
  return { ms };
}

const after = s.text(
  {
    expected: "a duration with its unit, such as 50ms, or a percentile such as p95",
    parse(text: string): string {
      hedgeAfter(text);
      return text;
    },
  },
  { default: "p95", doc: "How slow a request must be: so long, or slower than so many of the last ones." },
);

export const hedge = s.optional(
  s.object(
    {
      after,
      budget: s.number({
        min: 0,
        max: 1,
        default: 0.05,
        doc: "Second attempts for each request: 0.05 is one in twenty.",
      }),
    },
    { doc: "Sends a slow request without a body, of a method that may be repeated, to a second endpoint too." },
  ),
);

export const rateLimit = s.optional(
  s.object(
    {
      rps: s.integer({ min: 1, max: 1e9, doc: "Requests a second." }),
      burst: s.optional(
        s.integer({ min: 1, max: 1e9, doc: "How many may come at once; as many as `rps` if not said." }),
      ),
      by: s.optional(s.string({ doc: "A header whose values have a rate each." })),
    },
    { doc: "Refuses what comes beyond a rate with 429, and says when to come again." },
  ),
);
