/** wrk: as many HTTP/1 requests as go, over connections that are kept. */
import { cores, outputOf } from "../measure.ts";
import type { Outcome } from "./outcome.ts";

export interface WrkOptions {
  readonly url: string;
  readonly seconds: number;
  readonly connections: number;
}

export async function wrk({ url, seconds, connections }: WrkOptions): Promise<Outcome> {
  const command = ["wrk", "-t1", `-c${connections}`, `-d${seconds}s`, "--timeout", "10s", "--latency", url];
  return readWrk(await outputOf(cores.load, command, (seconds + 20) * 1_000));
}

/** Reads what wrk prints. */
export function readWrk(text: string): Outcome {
  const done = Number(/(\d+) requests in/.exec(text)?.[1] ?? 0);
  const notOk = Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0);
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text)?.slice(1) ?? [];
  return {
    done,
    failed: notOk + errors.reduce((sum, each) => sum + Number(each), 0),
    seconds: milliseconds(/requests in ([\d.]+\w+)/.exec(text)?.[1]) / 1_000,
    p50Ms: milliseconds(/ 50%\s+(\S+)/.exec(text)?.[1]),
    p99Ms: milliseconds(/ 99%\s+(\S+)/.exec(text)?.[1]),
  };
}

const scale: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1_000, m: 60_000 };

function milliseconds(text: string | undefined): number {
  const parts = /^([\d.]+)(us|ms|s|m)$/.exec(text ?? "");
  return parts ? Number(parts[1]) * (scale[parts[2] ?? ""] ?? Number.NaN) : Number.NaN;
}
