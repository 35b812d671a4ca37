/** The demo `retries`: some backends are slow and some fail, at the same time, and only what stands before them differs. */
import type { Random } from "../../src/base/time.ts";
import type { Backend, Demo, Reaction } from "./demo.ts";

const USUAL_MS = 10;
const SLOW_MS = 1_000;
const TIMEOUT_MS = 5_000;

const steady: Backend = () => ({ afterMs: USUAL_MS });
/** Now and then, as a pause of its garbage collector would. */
const pauses: Backend = (_, random) => ({ afterMs: random.next() < 0.05 ? SLOW_MS : USUAL_MS });
const slow: Backend = () => ({ afterMs: SLOW_MS });
const fails: Backend = (_, random) => ({ afterMs: USUAL_MS, ...failure(random) });

function failure(random: Random): Pick<Reaction, "status"> {
  const drawn = random.next();
  return drawn < 0.3 ? { status: 503 } : drawn < 0.5 ? { status: "broken" } : {};
}

const retried = {
  retries: { limit: 3 },
  responseClassifier: { kind: "io.l5d.http.retryableIdempotent5XX" },
};
const client = { loadBalancer: { kind: "ewma", failurePenaltyMs: 1_000 } };

export const retries: Demo = {
  name: "retries",
  about:
    "Of ten backends two are slow by a second, always or now and then, and two break off or answer 503 every second time.",
  seconds: 40,
  rps: 50,
  backends: [...Array<Backend>(6).fill(steady), pauses, slow, fails, fails],
  lanes: [
    { name: "plain client" },
    { name: "no retries", router: () => ({ client, service: { retries: { limit: 0 } } }) },
    { name: "retries", router: (paced) => ({ client, service: { ...retried, totalTimeoutMs: paced(TIMEOUT_MS) } }) },
    {
      name: "and hedges",
      router: (paced) => ({
        client,
        service: { ...retried, totalTimeoutMs: paced(TIMEOUT_MS), hedge: { after: "p95", budget: 0.05 } },
      }),
    },
  ],
  success: "answered with 200",
  isSuccess: ({ status }) => status === 200,
};
