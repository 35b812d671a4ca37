/** How large the heads of messages may be. */

export interface HeadLimits {
  /** Of a request line, in bytes without its CRLF. */
  readonly lineBytes: number;
  /** Of all fields together, in bytes with their CRLFs. */
  readonly headBytes: number;
  /** How many fields. */
  readonly fields: number;
}

export const defaultHeadLimits: HeadLimits = Object.freeze({ lineBytes: 4096, headBytes: 8192, fields: 100 });
