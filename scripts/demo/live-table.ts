/** What a demo has come to, as a table: redrawn in place on a terminal, else a few lines now and then. */
import type { Demo, DemoReport, LaneReport } from "./demo.ts";

export interface Screen {
  write(text: string): void;
  readonly isTTY: boolean;
}

/** How many of the plain lines there are in the course of a story. */
const PLAIN_SHOWS = 6;
/** The share of requests that may be sent late before the figures tell of the machine. */
const MOST_LATE = 0.02;
/** How many seconds of the story one letter of the course stands for, at least. */
const COURSE_LETTERS = 30;

export class LiveTable {
  readonly #demo: Demo;
  readonly #screen: Screen;
  #drawnLines = 0;
  #nextPlainMs = 0;

  constructor(demo: Demo, screen: Screen) {
    this.#demo = demo;
    this.#screen = screen;
  }

  head(): void {
    const { name, about, success, rps, seconds } = this.#demo;
    this.#screen.write(`${name}: ${about}\n${rps} requests a second for ${seconds} s; success: ${success}.\n\n`);
  }

  show(report: DemoReport, storyMs: number): void {
    if (this.#screen.isTTY) return this.#redraw(report, storyMs);
    if (storyMs < this.#nextPlainMs) return;
    this.#nextPlainMs += (this.#demo.seconds * 1000) / PLAIN_SHOWS;
    const all = report.lanes.map(({ lane, successPercent }) => `${lane} ${percent(successPercent)}`);
    this.#screen.write(`${(storyMs / 1000).toFixed(0).padStart(4)} s  ${all.join("   ")}\n`);
  }

  end(report: DemoReport): void {
    if (this.#screen.isTTY) this.#redraw(report, this.#demo.seconds * 1000);
    else this.#screen.write(`\n${table(report)}\n`);
    const late = report.lanes.reduce((sum, lane) => sum + lane.late, 0);
    const all = report.lanes.reduce((sum, lane) => sum + lane.requests, 0);
    if (late < all * MOST_LATE) return;
    this.#screen.write(
      `\n${late} of ${all} requests were sent late: this machine cannot keep up, take more --seconds.\n`,
    );
  }

  #redraw(report: DemoReport, storyMs: number): void {
    const { seconds } = this.#demo;
    const at = Math.min(seconds, storyMs / 1000);
    const lines = [`${at.toFixed(0).padStart(4)} of ${seconds} s`, "", ...table(report).split("\n")];
    const up = this.#drawnLines > 0 ? `\u001B[${this.#drawnLines}A` : "";
    this.#screen.write(up + lines.map((line) => `\u001B[2K${line}\n`).join(""));
    this.#drawnLines = lines.length;
  }
}

const HEADS = ["", "requests", "success", "p50", "p95", "p99", "worst", "attempts", "failures over time"];

function table(report: DemoReport): string {
  const rows = [HEADS, ...report.lanes.map(cells)];
  const widths = HEADS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 || column === HEADS.length - 1 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  ")
      .trimEnd();
  return rows.map(line).join("\n");
}

function cells(lane: LaneReport): string[] {
  const { p50Ms, p95Ms, p99Ms, worstMs } = lane;
  return [
    lane.lane,
    `${lane.requests}`,
    percent(lane.successPercent),
    ...[p50Ms, p95Ms, p99Ms, worstMs].map((ms) => (Number.isNaN(ms) ? "-" : `${ms.toFixed(0)} ms`)),
    Number.isNaN(lane.attemptsPerRequest) ? "-" : lane.attemptsPerRequest.toFixed(2),
    course(lane.failing),
  ];
}

function percent(value: number): string {
  return Number.isNaN(value) ? "-" : `${value.toFixed(2)} %`;
}

/** One letter for a few seconds: the higher, the more of their requests failed. */
function course(failing: readonly number[]): string {
  const per = Math.ceil(failing.length / COURSE_LETTERS);
  let letters = "";
  for (let from = 0; from < failing.length; from += per) {
    const known = failing.slice(from, from + per).filter((share) => !Number.isNaN(share));
    const mean = known.reduce((sum, share) => sum + share, 0) / known.length;
    letters += known.length === 0 ? " " : letterOf(mean);
  }
  return letters;
}

/** From none over a hundredth to more than half. */
function letterOf(share: number): string {
  if (share === 0) return "\u00B7";
  const above = [0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5].filter((limit) => share > limit).length;
  return String.fromCodePoint(0x2581 + above);
}
