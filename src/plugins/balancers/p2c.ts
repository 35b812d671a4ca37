/** `p2c`: of two endpoints drawn, the one with fewer exchanges. */
import { definePlugin, s } from "linkspan/plugin";
import { LeastLoaded } from "./least-loaded.ts";
import { commonKeys } from "./options.ts";
import { TwoChoices } from "./two-choices.ts";
import { WeightGroups } from "./weight-groups.ts";

export default definePlugin({
  api: 1,
  family: "balancer",
  kind: "p2c",
  schema: s.object(commonKeys),
  create(_config, { random }) {
    const newLoad = (): LeastLoaded => new LeastLoaded();
    const newChoice = (): TwoChoices => new TwoChoices(random);
    const parts = { random, newLoad, newChoice };
    return { create: () => new WeightGroups(parts) };
  },
});
