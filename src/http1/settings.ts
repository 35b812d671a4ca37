/** Limits and times of HTTP/1 connections. */
import { defaultHeadLimits, type HeadLimits } from "./limits.ts";

export interface Http1Settings extends HeadLimits {
  /** Whether callers may ask for tunnels by CONNECT. */
  readonly connect: boolean;
  /** From the first byte of a head to its last. */
  readonly headTimeoutMs: number;
  /** Between two requests on a connection. */
  readonly idleTimeoutMs: number;
  /** Of a connection that takes no request after the next one, for that next one to come. */
  readonly lastCallMs: number;
  /** In which at least `bodyBytes` must move of a body that is expected, or of an answer that the caller takes. */
  readonly bodyTimeoutMs: number;
  /** A caller that drips its body, or takes its answer, at a lower rate than this in each `bodyTimeoutMs` is given up. */
  readonly bodyBytes: number;
  /** Without a byte of a tunnel, in either direction. */
  readonly tunnelTimeoutMs: number;
  /** After which a caller that waits for a 100 gets one from here. */
  readonly continueAfterMs: number;
  /** How long a connection that is to be closed is read, so that its caller sees the last answer. */
  readonly lingerMs: number;
  /** How many bytes of a body that nobody wants any more are read to keep the connection. */
  readonly drainBytes: number;
  /** How long a caller that has closed its half is served without a byte moving. */
  readonly halfCloseMs: number;
}

export const defaultHttp1Settings: Http1Settings = Object.freeze({
  ...defaultHeadLimits,
  connect: false,
  headTimeoutMs: 10_000,
  idleTimeoutMs: 600_000,
  lastCallMs: 2_000,
  bodyTimeoutMs: 60_000,
  bodyBytes: 1024,
  tunnelTimeoutMs: 600_000,
  continueAfterMs: 1000,
  lingerMs: 1000,
  drainBytes: 64 * 1024,
  halfCloseMs: 250,
});
