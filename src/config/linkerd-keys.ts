/** Keys that Linkerd 1 had in more places than one, and what becomes of them here. */
import { s } from "./schema.ts";

const doc = "Without effect.";
const optionalMs = s.optional(s.integer({ min: 0, doc }));

/** Sockets are set the same for all. */
export const socketOptions = s.idle(
  s.object({
    noDelay: s.boolean({ default: true, doc }),
    reuseAddr: s.boolean({ default: true, doc }),
    reusePort: s.boolean({ default: false, doc }),
    writeTimeoutMs: optionalMs,
    readTimeoutMs: optionalMs,
    keepAlive: s.optional(s.boolean({ doc })),
    backlog: s.optional(s.integer({ min: 0, doc })),
  }),
  "sockets send without delay and are kept alive, and whoever moves no byte is given up in any case",
);

const mixer = "was for the mixer of an Istio before 1.0, which no Istio has any more; take it out";

export const mixerKeys = {
  loggers: `\`loggers\` ${mixer}`,
  requestAuthorizers: `\`requestAuthorizers\` ${mixer}`,
} as const;
