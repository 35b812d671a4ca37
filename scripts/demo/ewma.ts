/** The demo `ewma`: one of ten backends turns slow for half of the time, and only the balancer differs. */
import type { Backend, Demo, Lane } from "./demo.ts";

const USUAL_MS = 10;
const SLOW_MS = 2_000;
const PATIENCE_MS = 1_000;

const steady: Backend = () => ({ afterMs: USUAL_MS });
const slowInBetween: Backend = (atMs) => ({ afterMs: atMs >= 15_000 && atMs < 45_000 ? SLOW_MS : USUAL_MS });

function lane(name: string, kind: string, decayTimeMs?: number): Lane {
  return {
    name,
    router: (paced) => {
      const decay = decayTimeMs === undefined ? {} : { decayTimeMs: paced(decayTimeMs) };
      return { client: { loadBalancer: { kind, ...decay } } };
    },
  };
}

export const ewma: Demo = {
  name: "ewma",
  about: "Ten backends answer in 10 ms; one of them takes 2 s from second 15 to second 45.",
  seconds: 60,
  rps: 50,
  backends: [...Array<Backend>(9).fill(steady), slowInBetween],
  lanes: [lane("round robin", "roundRobin"), lane("least loaded", "p2c"), lane("Peak EWMA", "ewma", 10_000)],
  success: "answered within 1 s",
  isSuccess: ({ status, tookMs }) => status === 200 && tookMs <= PATIENCE_MS,
};
