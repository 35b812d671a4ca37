/** Keys that the accrual policies share. */
import { s } from "linkspan/plugin";

export const backoffKeys = {
  backoff: s.optional(
    s.backoff({ doc: "How long an endpoint is out; 5 s to 300 s, each time about twice, if not said." }),
  ),
};
