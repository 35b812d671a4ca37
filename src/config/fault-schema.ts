/** What may be said of faults that are injected, and of copies of requests that go elsewhere; in both forms of a file. */
import { matchFields } from "./request-match.ts";
import { s } from "./schema.ts";

const MOST_DELAY_MS = 10 * 60_000;

const fraction = s.number({ min: 0, max: 1, default: 1, doc: "Of those requests this share; 0.1 is one in ten." });

const fault = s.object(
  {
    match: s.object(matchFields, { doc: "Which requests it is for; every one of the route if it is not said." }),
    fraction,
    delay: s.duration({ default: "0", doc: "How long the request waits before it goes on." }),
    abort: s.optional(
      s.integer({ min: 400, max: 599, doc: "The status that its caller gets; no endpoint gets the request then." }),
    ),
  },
  {
    check({ delay, abort }) {
      if (delay > MOST_DELAY_MS) return [{ at: ["delay"], message: "`delay` is above ten minutes" }];
      if (delay > 0 || abort !== undefined) return [];
      return [{ at: [], message: "this fault does nothing", expected: "`delay`, `abort` or both" }];
    },
  },
);

/** The first that a request matches, and is drawn for, is done to it. */
export const faults = s.optional(
  s.list(fault, { doc: "Faults, for tests: of those that match, the first that is drawn is done to a request." }),
);

const shadowDoc =
  "Sends copies of requests elsewhere, whose answers are thrown away. Bodies above 64 KiB are not copied.";

export const shadow = s.optional(
  s.object({ to: s.path({ doc: "The name that they go to, such as /svc/users-v2." }), fraction }, { doc: shadowDoc }),
);

/** A route of the short form says a target. */
export const shadowOfRoute = s.optional(
  s.object({ to: s.string({ doc: "A target, `source/service`." }), fraction }, { doc: shadowDoc }),
);
