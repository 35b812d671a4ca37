/** Where a few small texts lie that several daemons share: a folder, a registry. What is written is never half there. */
import { createHash } from "node:crypto";
import type { Var } from "./var.ts";

export interface StoredDocument {
  readonly text: string;
  /** What the store calls this version; two that differ in anything have two versions. */
  readonly version: string;
}

export type Documents = ReadonlyMap<string, StoredDocument>;

/** The version of what only this host has: the store could not be asked yet. */
export const UNSAVED = "unsaved";

/** Of a document: longer ones are neither written nor read. The least of what stores take is 512 KB. */
export const LARGEST_DOCUMENT = 256 * 1024;

/** Names are 1 to 40 lower-case letters, digits and dashes, which every store has a way to write. */
export interface DocumentStore extends AsyncDisposable {
  /** For people: `zk1:2181/linkspan/shifts`. */
  readonly place: string;
  /**
   * All of them, followed while observed: what another daemon wrote is here within a second. A store that cannot be
   * asked leaves the last answer, stale; a document that cannot be read is left out.
   */
  readonly documents: Var<Documents>;
  /**
   * Puts `text` in place of the version `over`, or where there is none yet. Resolves with the new version, or with
   * `undefined` where another one is there by now; then `documents` shows it soon. Rejects where it is not known
   * whether it was written.
   */
  write(name: string, text: string, over: string | undefined): Promise<string | undefined>;
}

/** A version for stores whose own numbers do not come with every answer: another text has another one. */
export function versionOf(text: string | Uint8Array): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 22);
}

/** For the Var of a store: the same versions are the same documents. */
export function sameDocuments(a: Documents, b: Documents): boolean {
  return a.size === b.size && [...a].every(([name, { version }]) => b.get(name)?.version === version);
}
