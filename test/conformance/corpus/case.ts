/** One case of the corpus of ambiguous requests: bytes of a caller, and what must come of them. */

export interface Case {
  readonly name: string;
  /** As latin1. A whole request stands behind them on the wire, `PROBE`, which a refused case must take with it. */
  readonly bytes: string;
  /** What the caller gets, as statuses with a space between; that of the probe included. */
  readonly gets: string;
  /** What the backend reads: whole requests as `method target framing body`, without the probe. */
  readonly sees: readonly string[];
}

export const PROBE = "GET /probe HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n";

/** The caller gets one error, its connection is closed, and the backend has not seen one whole request. */
export const refused = (name: string, bytes: string, status = 400): Case => ({
  name,
  bytes,
  gets: String(status),
  sees: [],
});

/** Each of the requests is served, and so is the probe. */
export const passed = (name: string, bytes: string, ...sees: readonly string[]): Case => ({
  name,
  bytes,
  gets: [...sees, "probe"].map(() => "200").join(" "),
  sees,
});

/** A request with these fields, each given without its CRLF, and what follows the head. */
export const post = (fields: readonly string[], rest = ""): string =>
  `POST / HTTP/1.1\r\nHost: a\r\n${fields.map((each) => `${each}\r\n`).join("")}\r\n${rest}`;

export const chunked = (rest: string): string => post(["Transfer-Encoding: chunked"], rest);

/** A request that somebody might find in the body of another. */
export const EVIL = "GET /evil HTTP/1.1\r\nHost: evil\r\n\r\n";
