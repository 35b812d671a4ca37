/** The keys of HTTP/2 connections, on servers and for clients alike. */
import type { Infer } from "./compound-fields.ts";
import { s } from "./schema.ts";

const KIB = 1024;

/** RFC 9113 §6.5.2 and §6.9.2 set the bounds; what has no default here is what the RFC starts with. */
const connectionKeys = {
  headerTableBytes: s.integer({
    min: 0,
    max: 1024 * KIB,
    default: 4096,
    doc: "The most that the table of header fields may take that the other side fills.",
  }),
  initialStreamWindowBytes: s.integer({
    min: 1,
    max: 2 ** 31 - 1,
    default: 65_535,
    doc: "How much of a body the other side may send ahead, on each stream.",
  }),
  maxFrameBytes: s.integer({ min: 16 * KIB, max: 2 ** 24 - 1, default: 16 * KIB, doc: "The longest frame taken." }),
  maxHeaderListBytes: s.integer({
    min: KIB,
    max: 1024 * KIB,
    default: 8 * KIB,
    doc: "The most that all headers may have, counted as RFC 9113 does: 32 more for each.",
  }),
  windowUpdateRatio: s.number({
    min: 0.01,
    max: 1,
    default: 0.99,
    doc: "Which share of a window may be used up before it is opened again; at most half is, so that none runs dry.",
  }),
};

/** What the file says of the HTTP/2 connections to endpoints; for the rest the defaults of `h2Defaults` hold. */
export const h2ClientKeys = {
  headerTableBytes: s.optional(connectionKeys.headerTableBytes),
  initialStreamWindowBytes: s.optional(connectionKeys.initialStreamWindowBytes),
  maxFrameBytes: s.optional(connectionKeys.maxFrameBytes),
  maxHeaderListBytes: s.optional(connectionKeys.maxHeaderListBytes),
  windowUpdateRatio: s.optional(connectionKeys.windowUpdateRatio),
};

/** What it says of those of callers. */
export const h2ServerKeys = {
  ...connectionKeys,
  maxConcurrentStreamsPerConnection: s.integer({
    min: 1,
    max: 2 ** 31 - 1,
    default: 1000,
    doc: "Requests that one connection may have under way; more are refused.",
  }),
};

const allKeys = s.object(h2ServerKeys);

export type H2Keys = Infer<typeof allKeys>;
export type H2ClientKeys = Omit<H2Keys, "maxConcurrentStreamsPerConnection">;

/** Every key as it is where no file says otherwise. */
export const h2Defaults: H2Keys = Object.freeze(allKeys.parse({}));
