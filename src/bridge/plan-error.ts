/** What is wrong with the plan of a shift: a sentence for people. */
export class PlanError extends Error {
  override readonly name = "PlanError";
  /** What is wrong. */
  readonly key: string;

  constructor(key: string, message: string) {
    super(`\`${key}\` ${message}`);
    this.key = key;
  }
}
