/** h2load: as many HTTP/2 requests as go, many at a time on each connection. */
import { missingFor, programs } from "../../servers/installed.ts";
import { cores, outputOf } from "../measure.ts";
import type { Outcome } from "./outcome.ts";

export interface H2loadOptions {
  readonly url: string;
  readonly seconds: number;
  readonly connections: number;
  readonly streams: number;
  /** A file that is sent with POST, and fields of those requests. */
  readonly body?: { readonly file: string; readonly fields: readonly string[] };
}

export const missingH2load = missingFor("h2load");

export async function h2load({ url, seconds, connections, streams, body }: H2loadOptions): Promise<Outcome> {
  const posted = body ? ["-d", body.file, ...body.fields.flatMap((field) => ["-H", field])] : [];
  const shape = [`-D${seconds}`, `-c${connections}`, `-m${streams}`];
  const command = [programs.h2load, ...shape, ...posted, url];
  return readH2load(await outputOf(cores.load, command, (seconds + 20) * 1_000));
}

/** Reads what h2load prints. Requests that its end cut off are neither done nor failed. */
export function readH2load(text: string): Outcome {
  const count = (what: string): number => Number(new RegExp(`(\\d+) ${what}`).exec(text)?.[1] ?? 0);
  const notOk = ["3xx", "4xx", "5xx"].reduce((sum, each) => sum + count(each), 0);
  const line = /^requests: .*$/m.exec(text)?.[0] ?? "";
  const done = Number(/(\d+) done/.exec(line)?.[1] ?? 0);
  const seconds = Number(/finished in ([\d.]+)s/.exec(text)?.[1] ?? Number.NaN);
  return { done, failed: notOk + Number(/(\d+) failed/.exec(line)?.[1] ?? 0), seconds };
}
