/** Views: what a worker shows of itself, asked for when somebody looks. */
import type { Clock } from "../base/time.ts";

interface Question {
  readonly answered: (view: unknown) => void;
  readonly timer: Disposable;
}

/** The control side, one for each channel to a worker: questions go out, answers come back or do not. */
export class ViewAsker implements Disposable {
  readonly #clock: Clock;
  readonly #send: (seq: number, query: unknown) => void;
  readonly #questions = new Map<number, Question>();
  #lastSeq = 0;

  constructor(clock: Clock, send: (seq: number, query: unknown) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  /** Resolves with the answer, or `undefined` when there is none within `timeoutMs`. */
  ask(query: unknown, timeoutMs: number): Promise<unknown> {
    return new Promise((resolve) => {
      const seq = ++this.#lastSeq;
      const timer = this.#clock.timer(timeoutMs, () => this.hear(seq, undefined));
      this.#questions.set(seq, { answered: resolve, timer });
      this.#send(seq, query);
    });
  }

  hear(seq: number, view: unknown): void {
    const question = this.#questions.get(seq);
    if (question === undefined) return;
    this.#questions.delete(seq);
    question.timer[Symbol.dispose]();
    question.answered(view);
  }

  /** Nobody answers any more. */
  [Symbol.dispose](): void {
    for (const seq of this.#questions.keys()) this.hear(seq, undefined);
  }
}
