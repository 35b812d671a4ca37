/** `aperture`: accepted for files that say it; every endpoint is used, as with `p2c`. */
import { definePlugin, s } from "linkspan/plugin";
import { commonKeys } from "./options.ts";
import p2c from "./p2c.ts";

export default definePlugin({
  api: 1,
  family: "balancer",
  kind: "aperture",
  schema: s.object({
    ...commonKeys,
    smoothWindowMs: s.integer({ min: 1, default: 5_000, doc: "Without effect." }),
    lowLoad: s.number({ min: 0, default: 0.5, doc: "Without effect." }),
    highLoad: s.number({ min: 0, default: 2, doc: "Without effect." }),
    minAperture: s.integer({ min: 1, default: 1, doc: "Without effect." }),
  }),
  note: "`aperture` balances as `p2c` does, over every endpoint and not over a few",
  create: ({ maxEffort }, context) => p2c.create({ maxEffort }, context),
});
