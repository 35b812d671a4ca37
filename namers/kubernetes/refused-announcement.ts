/** An announcement for a path at which no Service can be: it says so, and writes nothing. */
import { type Announcement, type EntryChange, type EntryOutcome, type Standing, Var } from "linkspan/plugin";

export class RefusedAnnouncement implements Announcement {
  readonly lease: Var<number>;
  readonly #reason: string;

  /** `reason` in one sentence. */
  constructor(reason: string) {
    this.#reason = reason;
    this.lease = Var.of(0);
  }

  async standing(): Promise<Standing> {
    return { entries: [], refusal: this.#reason };
  }

  plan(): readonly never[] {
    return [];
  }

  async write(changes: readonly EntryChange[]): Promise<readonly EntryOutcome[]> {
    return changes.map(() => ({ tag: "refused", cause: this.#reason }));
  }

  async abandon(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}
