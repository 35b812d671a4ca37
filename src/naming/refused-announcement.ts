/** What stands for a place that cannot be one: it has nothing, takes nothing, and says why. */
import { Var } from "../base/var.ts";
import type { Announcement, EntryChange, EntryOutcome, PlannedWrite, Standing } from "./announcer.ts";

export class RefusedAnnouncement implements Announcement {
  readonly lease = Var.of(0);
  readonly #refusal: string;

  /** `refusal` in one sentence. */
  constructor(refusal: string) {
    this.#refusal = refusal;
  }

  async standing(): Promise<Standing> {
    return { entries: [], refusal: this.#refusal };
  }

  plan(): readonly PlannedWrite[] {
    return [];
  }

  async write(changes: readonly EntryChange[]): Promise<readonly EntryOutcome[]> {
    return changes.map(() => ({ tag: "refused", cause: this.#refusal }));
  }

  async abandon(): Promise<void> {
    // It holds nothing.
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // It holds nothing.
  }
}
