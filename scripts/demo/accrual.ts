/** The demo `accrual`: one of five backends fails four requests of ten, and only failure accrual differs. */
import type { Backend, Demo, Lane } from "./demo.ts";

const USUAL_MS = 5;
const SUCCESS_RATE = 0.6;
const OUT_MS = 10_000;

const steady: Backend = () => ({ afterMs: USUAL_MS });
const failsOften: Backend = (_, random) => ({
  afterMs: USUAL_MS,
  status: random.next() < SUCCESS_RATE ? 200 : 500,
});

/** What fails is told to the caller: no attempt follows another. */
const service = { retries: { limit: 0 } };

function lane(name: string, kind: string, keys: object = {}): Lane {
  return {
    name,
    router: (paced) => {
      const backoff = kind === "none" ? {} : { backoff: { kind: "constant", ms: paced(OUT_MS) } };
      return { client: { loadBalancer: { kind: "p2c" }, failureAccrual: { kind, ...keys, ...backoff } }, service };
    },
  };
}

export const accrual: Demo = {
  name: "accrual",
  about: "One of five backends answers four requests of ten with 500; retries are off.",
  seconds: 60,
  rps: 100,
  // Five failures in a row are rare, so that by chance alone `consecutive` comes to anything from 95 % to 99 %.
  seed: 11,
  backends: [...Array<Backend>(4).fill(steady), failsOften],
  lanes: [
    lane("none", "none"),
    lane("consecutive", "io.l5d.consecutiveFailures", { failures: 5 }),
    lane("success rate", "io.l5d.successRate", { successRate: 0.9, requests: 20 }),
  ],
  success: "answered with 200",
  isSuccess: ({ status }) => status === 200,
};
