/** Reads all objects of a place, in pages, as they are now. */
import { type Clock, ITEMS_A_STEP, turn, within } from "linkspan/plugin";
import type { ApiAccess } from "./api-access.ts";
import { ApiError } from "./api-error.ts";
import { type ApiPlace, ask, whatOf } from "./api-place.ts";
import { type ApiObject, fieldsOf, isFields, textOf } from "./json-fields.ts";

const PAGE_OBJECTS = 500;
const MAX_PAGE_BYTES = 128 * 1024 * 1024;
const PAGE_LIMIT_MS = 60_000;
/** Lists that are begun anew because they took longer than the server remembers. */
const MAX_RESTARTS = 3;
/** Who does not know how to leave all but metadata out gives the whole, for that will do too. */
const METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

export interface ListOptions {
  readonly access: ApiAccess;
  readonly place: ApiPlace;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Nothing else is looked at of an object: where a server can, it gives no more. */
  readonly isMetadataEnough?: boolean;
  /** For the head of each answer, where the usual time is too long. */
  readonly headTimeoutMs?: number;
  /** Everything that was given is void: the list begins anew. */
  begin(): void;
  each(object: ApiObject): void;
}

/**
 * Resolves with the version that a watch goes on from. It asks without `resourceVersion`, so what it reads is not older
 * than the question; `resourceVersion=0` may be as old as the cache of whichever server answers.
 */
export async function listAll(options: ListOptions): Promise<string> {
  let reading: ListOptions = options;
  for (let restarts = 0; ;) {
    options.begin();
    try {
      // One answer without pages cannot outlast the server's memory.
      return await listPages(reading, restarts < MAX_RESTARTS ? PAGE_OBJECTS : 0);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 406 && reading.isMetadataEnough === true) reading = { ...options, isMetadataEnough: false };
      else if (!error.isExpired || restarts++ >= MAX_RESTARTS) throw error;
    }
  }
}

/** The version that the server has now; of what stands there it reads one object at most. */
export async function newestVersion(options: Omit<ListOptions, "begin" | "each">): Promise<string> {
  return (await readPage(options, 1, undefined)).version;
}

async function listPages(options: ListOptions, limit: number): Promise<string> {
  let next: string | undefined;
  for (;;) {
    const page = await readPage(options, limit, next);
    await give(page.items, options);
    if (page.next === undefined) return page.version;
    next = page.next;
  }
}

/** In small pieces: a page holds hundreds of objects, and whoever else works in this thread is not to wait for all of them. */
async function give(items: readonly unknown[], { each, signal }: ListOptions): Promise<void> {
  for (const [at, item] of items.entries()) {
    if (at % ITEMS_A_STEP === 0) await turn();
    signal.throwIfAborted();
    if (isFields(item)) each(item);
  }
}

interface Page {
  readonly items: readonly unknown[];
  readonly version: string;
  readonly next: string | undefined;
}

function readPage(
  options: Omit<ListOptions, "begin" | "each">,
  limit: number,
  next: string | undefined,
): Promise<Page> {
  const { access, place, clock, signal, headTimeoutMs, isMetadataEnough = false } = options;
  const late = `${whatOf(access, place)}: not within ${PAGE_LIMIT_MS} ms`;
  return within({ clock, ms: PAGE_LIMIT_MS, late, signal }, async (stop) => {
    const query = { ...(limit > 0 ? { limit: `${limit}` } : {}), ...(next === undefined ? {} : { continue: next }) };
    const accept = isMetadataEnough ? { accept: METADATA } : {};
    const limits = headTimeoutMs === undefined ? {} : { headTimeoutMs };
    using answer = await ask(access, place, { query, signal: stop, ...accept, ...limits });
    return pageOf(await answer.text(MAX_PAGE_BYTES), whatOf(access, place));
  });
}

function pageOf(text: string, what: string): Page {
  const list = fieldsOf(parse(text, what));
  const metadata = fieldsOf(list["metadata"]);
  const version = textOf(metadata["resourceVersion"]);
  const kind = textOf(list["kind"]);
  // An empty list may have `items: null`.
  const items = list["items"] ?? [];
  if (version === undefined || kind?.endsWith("List") !== true || !Array.isArray(items)) {
    throw new Error(`${what}: its answer is no list`);
  }
  return { items, version, next: textOf(metadata["continue"]) };
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${what}: its answer is no JSON`, { cause: error });
  }
}
