/** Whether an API server is there at all: asked in little before all is listed again. */
import { ApiError } from "./api-error.ts";
import { type ListOptions, newestVersion } from "./list.ts";

/** A connection may be taken and never heard: so long its first answer is waited for. */
const SOON_MS = 1_500;
/** A server may be there, and slow: one list of so many is begun without the question. */
const PATIENT_EVERY = 10;

export type ReachOptions = Omit<ListOptions, "begin" | "each">;

export class Reach {
  #lists = 0;

  /** Before each list. Rejects where nothing was answered soon; what was answered shows with the list. */
  async check(options: ReachOptions): Promise<void> {
    if (this.#lists++ % PATIENT_EVERY === 0) return;
    try {
      await newestVersion({ ...options, headTimeoutMs: SOON_MS });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }

  /** A list came. */
  listed(): void {
    this.#lists = 1;
  }
}
