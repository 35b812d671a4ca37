/** The rules of `X-Consul-Index`. */

/** What a query waits beyond: `undefined` where it cannot wait, and asks anew. */
export type BlockingIndex = number | undefined;

/** Of the header: what is missing, no whole number, or not above 0 is no index. */
export function readIndex(header: string | undefined): BlockingIndex {
  if (header === undefined || !/^\d{1,16}$/.test(header)) return undefined;
  const index = Number(header);
  return index > 0 ? index : undefined;
}

/** What to wait beyond next, after an answer to a query that waited beyond `asked`. Backwards means that the server began anew. */
export function nextIndex(asked: BlockingIndex, answered: BlockingIndex): BlockingIndex {
  return isBefore(answered, asked) ? undefined : answered;
}

/** Whether an answer's index says that the server began anew since it had answered `before`. */
export const isBefore = (index: BlockingIndex, before: BlockingIndex): boolean =>
  index !== undefined && before !== undefined && index < before;
