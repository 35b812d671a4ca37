/** Reads a configuration again and has what differs applied: one reload at a time, all of it or nothing. */
import { createHash } from "node:crypto";
import type { Log } from "../base/log.ts";
import type { Metrics } from "../base/metrics.ts";
import type { Scope } from "../base/scope.ts";
import type { Clock } from "../base/time.ts";
import { inTurns, turn } from "../base/turn.ts";
import type { Config } from "../config/config.ts";
import { comparing, NOT_COMPARED, type ObjectChange } from "../config/config-diff.ts";
import { ConfigError, type ConfigProblem, isError } from "../config/config-error.ts";
import { meaningOf } from "../config/meaning.ts";
import { ReloadMetrics } from "./reload-metrics.ts";
import { type DiffReport, inShort, type ReloadCause, type ReloadReport, restartsOf, summaryOf } from "./report.ts";

/** One step from what runs to what is to run. */
export interface Step {
  readonly before: Config;
  readonly after: Config;
  readonly revision: number;
}

export interface ReloaderParts {
  readonly first: Config;
  readonly revision: number;
  /** Reads the file. Throws a ConfigError, or an Error that says why it cannot be read. */
  read(): Promise<Config>;
  /** Gives a text from elsewhere its meaning, as if it stood in the file. Throws a ConfigError. */
  parse(text: string, file: string): Promise<Config>;
  /** Applies all of it, or rejects and has changed nothing. */
  apply(step: Step): Promise<void>;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

export class Reloader {
  readonly #parts: ReloaderParts;
  readonly #metrics: ReloadMetrics;
  #running: Config;
  #hash: string;
  #revision: number;
  /** Grows with each try, so that what a refused one has left behind is not taken for another's. */
  #tries: number;
  #last: Promise<unknown> = Promise.resolve();
  #isOver = false;

  constructor(parts: ReloaderParts, owner: Scope) {
    this.#parts = parts;
    this.#running = parts.first;
    this.#revision = parts.revision;
    this.#tries = parts.revision;
    this.#hash = hashOf(parts.first);
    this.#metrics = new ReloadMetrics(this.#hash, parts.metrics, parts.clock, owner);
  }

  get running(): Config {
    return this.#running;
  }

  get revision(): number {
    return this.#revision;
  }

  get hash(): string {
    return this.#hash;
  }

  /** No reload begins from now on; whoever asks for one is refused. Resolves when the one under way is over. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#last;
  }

  /** Never rejects but with a defect. Those that are asked for while another is under way follow it. */
  reload(cause: ReloadCause): Promise<ReloadReport> {
    const turn = this.#last.then(() => this.#reload(cause));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** What the text would change, were it in the file. */
  async diff(text: string, file: string): Promise<DiffReport> {
    try {
      const after = await this.#parts.parse(text, file);
      const changes = await inTurns(comparing(this.#running, after));
      return { ok: true, changes, needsRestart: restartsOf(changes), problems: after.warnings };
    } catch (error) {
      return { ok: false, changes: [], needsRestart: [], ...whyNot(error) };
    }
  }

  async #reload(cause: ReloadCause): Promise<ReloadReport> {
    const { clock } = this.#parts;
    const startedAt = clock.now();
    const outcome = await this.#try();
    const { result, hash } = { result: outcome.result, hash: this.#hash };
    const ms = Math.round(clock.now() - startedAt);
    const report: ReloadReport = { revision: this.#revision, hash, ms, ...outcome };
    this.#metrics.count({ result, hash });
    this.#tell(report, cause);
    return report;
  }

  async #try(): Promise<Omit<ReloadReport, "revision" | "hash" | "ms">> {
    if (this.#isOver) return { ...nothing, result: "refused", problems: [], cause: "this process is about to end" };
    const before = this.#running;
    try {
      const read = await this.#parts.read();
      const changes = await inTurns(comparing(before, read));
      const after = withoutRestarts(before, read, changes);
      const hash = hashOf(after);
      await turn();
      await this.#parts.apply({ before, after, revision: ++this.#tries });
      this.#running = after;
      const applied = changes.some((change) => !change.needsRestart);
      if (applied) {
        this.#revision = this.#tries;
        this.#hash = hash;
      }
      const result = applied ? "applied" : "unchanged";
      return { result, changes: inShort(changes), needsRestart: restartsOf(changes), problems: read.warnings };
    } catch (error) {
      return { ...nothing, result: "refused", ...whyNot(error) };
    }
  }

  #tell(report: ReloadReport, by: ReloadCause): void {
    const { log } = this.#parts;
    const { file } = this.#running;
    const { result, revision, changes, needsRestart, problems, cause, hash, ms } = report;
    if (result === "refused") {
      const errors = problems.filter(isError).length;
      log.error("config.refused", { file, by, cause, errors, revision });
    } else if (result === "unchanged") log.info("config.unchanged", { file, by, revision });
    else log.info("config.reloaded", { file, by, revision, hash, changes: summaryOf(changes), ms });
    if (needsRestart.length > 0) log.warn("config.deferred", { file, keys: needsRestart.join(", ") });
  }
}

const nothing = { changes: [], needsRestart: [] } as const;

function whyNot(error: unknown): { readonly problems: readonly ConfigProblem[]; readonly cause: string } {
  if (error instanceof ConfigError) return { problems: error.problems, cause: error.message.split("\n")[0] ?? "" };
  return { problems: [], cause: error instanceof Error ? error.message : String(error) };
}

/** What runs on: the next reload tells of what still needs a new process. */
function withoutRestarts(before: Config, after: Config, changes: readonly ObjectChange[]): Config {
  const kept = restartsOf(changes).map((key) => [key, before[key as keyof Config]] as const);
  return { ...after, ...(Object.fromEntries(kept) as Partial<Config>) };
}

/** Of all that a configuration means; of how it is written where a plugin alone knows that. */
function hashOf(config: Config): string {
  const { written, routers, namers } = config;
  const rest = Object.entries(config).filter(([key]) => !NOT_COMPARED.has(key));
  const said = routers.map((router) => ({ ...router, dtabPlaces: undefined }));
  const text = meaningOf({ ...Object.fromEntries(rest), namers, routers: said }) ?? JSON.stringify(written);
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
