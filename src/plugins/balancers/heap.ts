/** `heap`: the endpoint with the fewest exchanges of all. */
import { definePlugin, s } from "linkspan/plugin";
import { LeastLoaded } from "./least-loaded.ts";
import { LeastOfAll } from "./least-of-all.ts";
import { commonKeys } from "./options.ts";
import { WeightGroups } from "./weight-groups.ts";

export default definePlugin({
  api: 1,
  family: "balancer",
  kind: "heap",
  schema: s.object(commonKeys),
  create(_config, { random }) {
    const newLoad = (): LeastLoaded => new LeastLoaded();
    const newChoice = (): LeastOfAll => new LeastOfAll(random);
    const parts = { random, newLoad, newChoice };
    return { create: () => new WeightGroups(parts) };
  },
});
