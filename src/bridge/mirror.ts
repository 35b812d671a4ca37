/** One namer joined to one announcer for a selected set of names. */
import type { MirrorApplied, MirrorPlan } from "./mirror-plan.ts";
import type { MirrorParts } from "./mirror-parts.ts";
import type { Approval, Approved, MirrorStatus } from "./mirror-status.ts";

/**
 * Opens nothing until asked. Disposing it lets go of the targets and leaves what stands there, to the lease's end or to
 * the next member of the group; `withdraw` takes it away.
 */
export class Mirror implements AsyncDisposable {
  readonly #parts: MirrorParts;

  constructor(parts: MirrorParts) {
    this.#parts = parts;
  }

  get name(): string {
    return this.#parts.name;
  }

  /** What would be written now. Writes nothing, and does not ask who leads. What cannot be read until `signal` aborts is in trouble. */
  plan(signal: AbortSignal): Promise<MirrorPlan> {
    return Promise.reject(signal.aborted ? (signal.reason as Error) : new Error("not built yet"));
  }

  /** Does it once, while this member leads, and returns when nothing is left that may be done now. */
  apply(signal: AbortSignal): Promise<MirrorApplied> {
    return Promise.reject(signal.aborted ? (signal.reason as Error) : new Error("not built yet"));
  }

  /** Keeps it true from now on, while this member leads, until the mirror is disposed. */
  run(): void {
    throw new Error("not built yet");
  }

  status(): MirrorStatus {
    throw new Error("not built yet");
  }

  /** Of what is held now; logged with who and why. */
  approve(approval: Approval): Approved {
    throw new Error(`not built yet, ${approval.by}`);
  }

  /** Ends `run` and removes what the mirror's group published, in bounded batches. */
  withdraw(signal: AbortSignal): Promise<MirrorApplied> {
    return Promise.reject(signal.aborted ? (signal.reason as Error) : new Error("not built yet"));
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
