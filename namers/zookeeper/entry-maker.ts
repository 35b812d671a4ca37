/** Makes entries under one session, together where that works and one by one where it does not. */
import { createTogether, inBatches, type Outcome } from "./batches.ts";
import type { ZkClient } from "./client.ts";
import type { InFlight } from "./in-flight.ts";
import { EntryConflict, type KeptEntry } from "./kept-entry.ts";
import type { MultiOperation } from "./multi.ts";
import { makeParents, type ParentMode } from "./parents.ts";
import { join } from "./paths.ts";
import { isZkError, ZkError } from "./zk-error.ts";

/** A parent is swept, a node of a former session goes: after so many rounds it is someone's doing. */
const MOST_TRIES = 5;

export interface EntryMakerParts {
  readonly client: ZkClient;
  readonly inFlight: InFlight;
  readonly parents: ParentMode;
  /** Whether a node of that owner is one of this session. */
  owns(ephemeralOwner: bigint): boolean;
  /** Whether an entry that is kept stands at this path. */
  isTaken(path: string): boolean;
}

export class EntryMaker {
  readonly #parts: EntryMakerParts;

  constructor(parts: EntryMakerParts) {
    this.#parts = parts;
  }

  /** One outcome for each, in their order. What was made has its `at`. */
  async make(entries: readonly KeptEntry[]): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const entry of entries) entry.isBeingMade = true;
    for (const batch of inBatches(entries, (entry) => entry.pathBytes + entry.data.length)) {
      outcomes.push(...(await this.#together(batch)));
      for (const entry of batch) entry.isBeingMade = false;
    }
    return outcomes;
  }

  async #together(batch: readonly KeptEntry[]): Promise<readonly Outcome[]> {
    const { client, parents } = this.#parts;
    if (batch.length > 1 && !batch.some((entry) => entry.isSuspect)) {
      for (const isSecond of [false, true]) {
        try {
          const paths = await createTogether(client, batch.map(creationOf));
          return batch.map((entry, at) => stood(entry, paths[at] ?? entry.path));
        } catch (error) {
          if (isUnanswered(error)) return batch.map((entry) => unanswered(entry, error));
          if (isSecond || !isZkError(error, "NO_NODE")) break;
          for (const place of new Set(batch.map((entry) => entry.place))) {
            await makeParents(client, place, parents).catch(() => undefined);
          }
        }
      }
    }
    return Promise.all(batch.map((entry) => this.#parts.inFlight.run(() => this.#one(entry))));
  }

  async #one(entry: KeptEntry): Promise<Outcome> {
    try {
      return stood(entry, await this.#made(entry));
    } catch (error) {
      return isUnanswered(error) ? unanswered(entry, error) : { error: error as Error };
    }
  }

  async #made(entry: KeptEntry): Promise<string> {
    const { client, parents } = this.#parts;
    if (entry.isSuspect && entry.isSequential) {
      const found = await this.find(entry);
      if (found !== undefined) return found;
    }
    for (let tries = 1; ; tries++) {
      try {
        return await client.create(entry.path, entry.data, modeOf(entry));
      } catch (error) {
        if (tries === MOST_TRIES) throw error;
        if (isZkError(error, "NO_NODE")) await makeParents(client, entry.place, parents);
        else if (!isZkError(error, "NODE_EXISTS")) throw error;
        else if (await this.#takeOver(entry)) return entry.path;
      }
    }
  }

  /** Whether the node that is in the way is the entry now. */
  async #takeOver(entry: KeptEntry): Promise<boolean> {
    const { client, owns } = this.#parts;
    const stat = await client.exists(entry.path);
    if (stat === undefined) return false;
    if (stat.ephemeralOwner === 0n)
      throw new EntryConflict(`${entry.path} is there already, and goes with nobody's session`);
    try {
      if (owns(stat.ephemeralOwner)) await client.setData(entry.path, entry.data);
      // Of a session that is lost to us and not to the server yet: in one step, so that no reader misses it.
      else await client.multi([{ kind: "delete", path: entry.path, version: stat.version }, creationOf(entry)]);
      return true;
    } catch (error) {
      if (isZkError(error, "NO_NODE") || isZkError(error, "BAD_VERSION")) return false;
      throw error;
    }
  }

  /** Where an entry stands whose creation was not answered: a node of this session that nobody else is known by. */
  async find(entry: KeptEntry): Promise<string | undefined> {
    const { client, owns, isTaken } = this.#parts;
    const names = await client.getChildren(entry.place).then(
      ({ children }) => children,
      (error: unknown) => {
        if (isZkError(error, "NO_NODE")) return [];
        throw error;
      },
    );
    for (const path of names.map((name) => join(entry.place, name))) {
      if (!path.startsWith(entry.path) || isTaken(path)) continue;
      const found = await client.getData(path).catch(() => undefined);
      if (found && owns(found.stat.ephemeralOwner) && found.data.equals(entry.data)) return path;
    }
    return undefined;
  }
}

function creationOf(entry: KeptEntry): MultiOperation {
  return { kind: "create", path: entry.path, data: entry.data, mode: modeOf(entry) };
}

const modeOf = (entry: KeptEntry) => (entry.isSequential ? "ephemeral_sequential" : "ephemeral");

function stood(entry: KeptEntry, at: string): Outcome {
  entry.at = at;
  entry.isSuspect = false;
  return { at };
}

/** Whether it is not known that nothing was done. */
export function isUnanswered(error: unknown): boolean {
  return error instanceof ZkError && (error.code === "CONNECTION_LOSS" || error.code === "SESSION_EXPIRED");
}

function unanswered(entry: KeptEntry, error: unknown): Outcome {
  entry.isSuspect = true;
  return { error: error as Error };
}
