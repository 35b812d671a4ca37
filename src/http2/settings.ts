/** Limits and times of HTTP/2 connections. */
import { INITIAL_WINDOW, LEAST_FRAME_BYTES } from "./frame.ts";

/** Of both kinds of connections. */
export interface Http2Settings {
  /** How much of a body the other side may send ahead, on each stream. */
  readonly streamWindow: number;
  /** The same for all streams together: what a connection can be made to hold. */
  readonly connectionWindow: number;
  /** Which share of a window is used up before it is opened again. */
  readonly windowUpdateRatio: number;
  /** The longest frame taken. */
  readonly maxFrameBytes: number;
  /** The most that all fields of a head may have, with 32 more for each (RFC 9113 §6.5.2). */
  readonly maxHeaderListBytes: number;
  /** The most that the table of fields may have which the other side fills. */
  readonly headerTableBytes: number;
  /** Whether a caller's CONNECT is served; an extended one (RFC 8441) always is. */
  readonly connect: boolean;
  /** Requests that a connection has under way at most. */
  readonly maxStreams: number;
  /** From the first byte of a frame to its last, or of a head. */
  readonly headTimeoutMs: number;
  /** How long the other side may take to answer SETTINGS. */
  readonly settingsTimeoutMs: number;
  /** In which at least `bodyBytes` must move of a body that is expected, or that the other side takes. */
  readonly bodyTimeoutMs: number;
  /** Who drips its body, or takes ours, at a lower rate than this in each `bodyTimeoutMs` is given up. */
  readonly bodyBytes: number;
  /** Without a byte of a tunnel, in either direction. */
  readonly tunnelTimeoutMs: number;
  /** Without a stream, after which a connection of a caller is closed. */
  readonly idleTimeoutMs: number;
  /** After which a caller that waits for a 100 gets one from here. */
  readonly continueAfterMs: number;
  /** How long a connection that is to be closed is read, so that its other side sees the last frames. */
  readonly lingerMs: number;
  /** Without a byte from an endpoint, after which it is asked for one. */
  readonly pingAfterMs: number;
  /** How long it may take to answer that. */
  readonly pingTimeoutMs: number;
}

export const defaultHttp2Settings: Http2Settings = Object.freeze({
  streamWindow: INITIAL_WINDOW,
  connectionWindow: 4 * 1024 * 1024,
  windowUpdateRatio: 0.5,
  maxFrameBytes: LEAST_FRAME_BYTES,
  maxHeaderListBytes: 8192,
  headerTableBytes: 4096,
  connect: false,
  maxStreams: 1000,
  headTimeoutMs: 10_000,
  settingsTimeoutMs: 10_000,
  bodyTimeoutMs: 60_000,
  bodyBytes: 1024,
  tunnelTimeoutMs: 600_000,
  idleTimeoutMs: 600_000,
  continueAfterMs: 1000,
  lingerMs: 1000,
  pingAfterMs: 30_000,
  pingTimeoutMs: 10_000,
});
