/** Keys that every balancer of Linkerd 1 took. */
import { s } from "linkspan/plugin";

export const commonKeys = {
  maxEffort: s.idle(
    s.integer({ min: 1, default: 5 }),
    "the draw is among the open endpoints, so that there is nothing to try again",
  ),
};
