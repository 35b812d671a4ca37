/** `ewma`: of two endpoints drawn, the one with the lower peak-sensitive latency times outstanding exchanges. */
import { definePlugin, s } from "linkspan/plugin";
import { commonKeys } from "./options.ts";
import { PeakEwma } from "./peak-ewma.ts";
import { TwoChoices } from "./two-choices.ts";
import { WeightGroups } from "./weight-groups.ts";

export default definePlugin({
  api: 1,
  family: "balancer",
  kind: "ewma",
  schema: s.object({
    ...commonKeys,
    decayTimeMs: s.integer({
      doc: "In this time an old latency loses all but 1/e of its weight.",
      min: 1,
      default: 10_000,
    }),
    failurePenaltyMs: s.integer({ doc: "A failed attempt counts as taking this long at least.", min: 0, default: 0 }),
  }),
  create(config, { random }) {
    const newLoad = (now: number): PeakEwma => new PeakEwma(config, now);
    const newChoice = (): TwoChoices => new TwoChoices(random);
    const parts = { random, newLoad, newChoice };
    return { create: () => new WeightGroups(parts) };
  },
});
