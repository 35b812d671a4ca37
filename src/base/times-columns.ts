/** Counters of how often one thing was done again: counted as that happens, so that what is done once costs nothing. */
import type { Column, MetricSpec } from "./metrics.ts";

/** At which times it is counted, in the order of the columns. */
const TIMES: readonly number[] = [1, 2, 3, 10];

/** One for each, with the label `times`: how many came to be done again that often, or more often. */
export function timesColumns(spec: MetricSpec): readonly Column[] {
  return TIMES.map((times) => ({ spec, labels: { times: String(times) }, isRare: true }));
}

/** Which of them counts that something is done again for the `times`th time; `undefined` where none does. */
export function timesColumn(times: number): number | undefined {
  const at = TIMES.indexOf(times);
  return at < 0 ? undefined : at;
}
