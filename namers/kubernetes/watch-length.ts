/** How long one watch of the API server is to last, and how long it may be silent. */
import type { Random } from "linkspan/plugin";

export interface WatchLength {
  /** When the server is to end it. */
  readonly timeoutSeconds: number;
  /** One that ended earlier has not ended in its time. */
  readonly leastMs: number;
  /** Who says nothing for longer is not there any more. */
  readonly silenceMs: number;
}

const LONG_SECONDS = 300;
const LONG_EARLY_MS = 10_000;
/** Bookmarks come about every minute. */
const BOOKMARK_MS = 90_000;
const SHORT_SECONDS = 5;
const SHORT_EARLY_MS = 1_000;
/** How late the end of a short watch may come. */
const SHORT_LATE_MS = 2_000;

/**
 * Where nobody can ask in the middle of an answer whether the server is still there, watches are short: one that does
 * not end in its time is dead, and the next goes on from the bookmark that the server sends before the end. Spread by
 * chance, so that those which began together do not go on doing so.
 */
export function watchLength(isProbed: boolean, random: Random): WatchLength {
  const seconds = isProbed ? LONG_SECONDS * (1 + random.next()) : SHORT_SECONDS + random.next();
  const timeoutSeconds = Math.round(seconds);
  const askedMs = timeoutSeconds * 1_000;
  return isProbed
    ? { timeoutSeconds, leastMs: askedMs - LONG_EARLY_MS, silenceMs: BOOKMARK_MS }
    : { timeoutSeconds, leastMs: askedMs - SHORT_EARLY_MS, silenceMs: askedMs + SHORT_LATE_MS };
}
