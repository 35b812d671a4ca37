/** Shows the walk-through in one terminal: what is done above, and below what every caller has, as it happens. */
import type { Screen } from "../live-table.ts";
import type { EndlessCaller, Had } from "./traffic.ts";
import type { Show, Typed } from "./walk.ts";

const DRAW_MS = 500;
const MOST_LINES = 24;

export class WalkScreen implements Show, Disposable {
  readonly #screen: Screen;
  readonly #callers: EndlessCaller[] = [];
  readonly #timer: NodeJS.Timeout;
  #steps = 0;
  #drawn = 0;

  constructor(screen: Screen) {
    this.#screen = screen;
    this.#timer = setInterval(() => this.#draw(), DRAW_MS);
  }

  follow(caller: EndlessCaller): void {
    this.#callers.push(caller);
  }

  step(title: string): void {
    this.#above([...(this.#steps > 0 ? this.#table((each) => each.since()) : []), "", `${++this.#steps}. ${title}`]);
  }

  said(sentence: string): void {
    this.#above([`   ${sentence}`]);
  }

  typed({ command, output }: Typed): void {
    const lines = output.split("\n");
    const shown = lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES), "..."] : lines;
    this.#above([`   $ ${command}`, ...shown.filter((line) => line !== "").map((line) => `     ${line}`)]);
  }

  file(name: string, text: string): void {
    this.#above([
      `   ${name}:`,
      ...text
        .trimEnd()
        .split("\n")
        .map((line) => `     | ${line}`),
    ]);
  }

  /** What everybody had from the beginning to the end. */
  end(): void {
    this.#above(["", ...this.#table((each) => each.all)]);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #above(lines: readonly string[]): void {
    this.#erase();
    this.#screen.write(lines.map((line) => `${line}\n`).join(""));
    this.#draw();
  }

  #erase(): void {
    if (this.#drawn > 0) this.#screen.write(`\u001B[${this.#drawn}A\u001B[0J`);
    this.#drawn = 0;
  }

  #draw(): void {
    if (!this.#screen.isTTY) return;
    this.#erase();
    const lines = ["", ...this.#table((each) => each.all)];
    this.#screen.write(lines.map((line) => `${line}\n`).join(""));
    this.#drawn = lines.length;
  }

  #table(had: (caller: EndlessCaller) => Had): readonly string[] {
    const width = Math.max(...this.#callers.map(({ name }) => name.length), 0);
    return this.#callers.map((caller) => {
      const { requests, failed, by } = had(caller);
      const shares = Object.entries(by).map(([word, count]) => `${word} ${((100 * count) / requests).toFixed(0)} %`);
      const counts = `${String(requests).padStart(6)} requests  ${String(failed).padStart(3)} failed`;
      return `   ${caller.name.padEnd(width)}  ${counts}  ${shares.join(", ")}`;
    });
  }
}
