/** The rules of `X-Nomad-Index`, which are Consul's. */

/** What a query waits beyond; undefined asks without waiting. */
export type BlockingIndex = number | undefined;

/** Of the header: what is missing, no whole number, or not above 0 is no index. */
export function readIndex(header: string | undefined): BlockingIndex {
  if (header === undefined || !/^\d{1,15}$/.test(header)) return undefined;
  const index = Number(header);
  return index > 0 ? index : undefined;
}

/** What to wait beyond after an answer to a query that waited beyond `asked`: backwards means that the servers began anew. */
export function nextIndex(asked: BlockingIndex, answered: BlockingIndex): BlockingIndex {
  return asked !== undefined && answered !== undefined && answered < asked ? undefined : answered;
}
