/** Keys that every balancer of Linkerd 1 took. */
import { s } from "linkspan/plugin";

export const commonKeys = {
  maxEffort: s.integer({
    doc: "Accepted and never exhausted: the draw is among the open endpoints.",
    min: 1,
    default: 5,
  }),
};
