/** How far a story is, and how long its times are by the clock. */
export class Stopwatch {
  readonly #pace: number;
  #startedAt = performance.now();

  constructor(pace: number) {
    this.#pace = pace;
  }

  start(): void {
    this.#startedAt = performance.now();
  }

  get storyMs(): number {
    return (performance.now() - this.#startedAt) / this.#pace;
  }

  readonly paced = (storyMs: number): number => {
    return storyMs === 0 ? 0 : Math.max(1, Math.round(storyMs * this.#pace));
  };
}
