/** A duration in the words of the messages that operators grep for. */

/** `1.seconds`, `500.milliseconds`. */
export function showDuration(ms: number): string {
  return ms >= 1000 && ms % 1000 === 0 ? `${ms / 1000}.seconds` : `${ms}.milliseconds`;
}
