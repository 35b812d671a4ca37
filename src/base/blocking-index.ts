/** The index of an answer of Consul's or Nomad's, beyond which the next question may wait. */

/** Where an answer has none, the next question asks anew instead. */
export interface BlockingIndex {
  readonly value: number;
  /** How many connections to the agent had been closed by then: behind a later one servers may have begun anew. */
  readonly era: number;
}

/** Of the header: what is missing, no whole number, or not above 0 is no index. */
export function readIndex(header: string | undefined, era: number): BlockingIndex | undefined {
  if (header === undefined || !/^\d{1,16}$/.test(header)) return undefined;
  const value = Number(header);
  return value > 0 && Number.isSafeInteger(value) ? { value, era } : undefined;
}

/**
 * What to wait beyond next, after an answer to a question that waited beyond `asked`. Backwards means that the servers
 * began anew.
 */
export function nextIndex(
  asked: BlockingIndex | undefined,
  answered: BlockingIndex | undefined,
): BlockingIndex | undefined {
  return isBefore(answered, asked) ? undefined : answered;
}

/** Whether an answer's index says that the servers began anew since they had answered `before`. */
export function isBefore(index: BlockingIndex | undefined, before: BlockingIndex | undefined): boolean {
  return index !== undefined && before !== undefined && index.value < before.value;
}
