/** Links what a daemon counts of its registries' use: looks at the routes, keeps it on disk, and says what would be missed. */
import { join } from "node:path";
import type { UsageDesk, UsageQuestion } from "./admin/usage-routes.ts";
import type { BoundRoutes, BoundRoutesQuery } from "./base/bound-routes.ts";
import type { RowReader } from "./base/metrics-registry.ts";
import type { Scope } from "./base/scope.ts";
import { type DecommissionPlan, decommissionPlan, type Usage } from "./bridge/decommission.ts";
import { UsageBook } from "./bridge/usage-book.ts";
import { type SentRequests, UsageMeter } from "./bridge/usage-meter.ts";
import { clusterTable, Counted } from "./cluster/cluster-series.ts";
import type { Config } from "./config/config.ts";
import { stateFolder } from "./memory-linker.ts";
import type { OpenNamer, World } from "./naming-root.ts";
import type { OtherClients } from "./naming/other-clients.ts";
import { Path } from "./naming/path.ts";
import { untransformed } from "./naming/transformer.ts";
import { readSnapshot, writeSnapshot } from "./snapshot/snapshot-file.ts";

const KEEP_MS = 300_000;
const MOST_NAMES = 1_000;
const OTHERS_MS = 4_000;

export interface UsageParts {
  readonly world: World;
  /** The one that runs. */
  readonly config: () => Config;
  readonly namers: () => readonly OpenNamer[];
  readonly bound: (query: BoundRoutesQuery) => Promise<readonly BoundRoutes[]>;
  readonly metrics: RowReader;
  /** Of the process whose metrics these are; nothing where they begin with this. */
  readonly life?: string;
}

/** With what an earlier process left. `owner` ends the counting, and has it kept once more. */
export async function openUsage(parts: UsageParts, owner: Scope): Promise<UsageDesk> {
  const { world, metrics, bound, config, life } = parts;
  const { clock, log } = world;
  const folder = stateFolder(config(), world);
  const path = folder === undefined ? undefined : join(folder, "usage");
  const earlier = path === undefined ? [] : await readLines(path, (cause) => log.warn("usage.unread", { path, cause }));
  const book = new UsageBook(clock.wall(), earlier, life);
  const meter = owner.own(
    new UsageMeter({
      book,
      clock,
      bound,
      requests: (router, id) => requestsOf(metrics, router, id),
    }),
  );
  const lines = (): Iterable<string> => book.lines((router, id) => meter.noted(router, id));
  if (path !== undefined) keep({ book, path, lines }, world, owner);
  return new LinkedUsage(parts, book, meter);
}

async function readLines(path: string, unread: (cause: string) => void): Promise<readonly string[]> {
  try {
    return (await readSnapshot(path))?.lines ?? [];
  } catch (error) {
    unread((error as Error).message);
    return [];
  }
}

interface Kept {
  readonly book: UsageBook;
  readonly path: string;
  readonly lines: () => Iterable<string>;
}

/** Now and then, and at the end. */
function keep({ book, path, lines }: Kept, { clock, log }: World, owner: Scope): void {
  let timer: Disposable | undefined;
  let writing: Promise<void> = Promise.resolve();
  let written = book.changes;
  const write = async (): Promise<void> => {
    // What changes meanwhile is written the next time.
    const { changes } = book;
    try {
      await writeSnapshot(path, lines());
      written = changes;
    } catch (error) {
      log.warn("usage.unkept", { path, cause: (error as Error).message });
    }
  };
  const schedule = (): void => {
    timer = clock.timer(KEEP_MS, () => {
      if (book.changes !== written) writing = write();
      void writing.then(schedule);
    });
  };
  schedule();
  owner.defer(async () => {
    timer?.[Symbol.dispose]();
    await writing;
    timer?.[Symbol.dispose]();
    await write();
  });
}

function requestsOf(metrics: RowReader, router: string, id: string): SentRequests | undefined {
  const row = metrics.row(clusterTable, { router }, id);
  return row && { counter: row, count: row.count(Counted.success) + row.count(Counted.failure) };
}

class LinkedUsage implements UsageDesk {
  readonly #parts: UsageParts;
  readonly #book: UsageBook;
  readonly #meter: UsageMeter;

  constructor(parts: UsageParts, book: UsageBook, meter: UsageMeter) {
    this.#parts = parts;
    this.#book = book;
    this.#meter = meter;
  }

  get sources(): readonly string[] {
    return this.#parts.namers().map(({ prefix }) => prefix.show.slice(1));
  }

  /** A route that a new configuration takes away has no more looks. */
  async look(): Promise<void> {
    // A worker that does not answer is left out.
    await this.#meter.look().catch(() => undefined);
  }

  async usage(question: UsageQuestion): Promise<Usage | undefined> {
    await this.#meter.look();
    const found = this.#source(question.source);
    return found && this.#usageOf(found, question.sinceMs);
  }

  async plan(question: UsageQuestion): Promise<DecommissionPlan | undefined> {
    const routers = await this.#meter.look();
    const found = this.#source(question.source);
    if (found === undefined) return undefined;
    return decommissionPlan(await this.#usageOf(found, question.sinceMs), routers, isOf(found));
  }

  /** By its prefix, or by its kind, where one has it alone. */
  #source(name: string): OpenNamer | undefined {
    const namers = this.#parts.namers();
    const wanted = name.replace(/^\/?(#\/)?/, "");
    const byPrefix = namers.find(({ prefix }) => prefix.show === `/${wanted}`);
    const ofKind = namers.filter(({ kind }) => kind === wanted || kind === `io.l5d.${wanted}`);
    return byPrefix ?? (ofKind.length === 1 ? ofKind[0] : undefined);
  }

  async #usageOf(found: OpenNamer, sinceMs: number): Promise<Usage> {
    const { world, config } = this.#parts;
    const at = world.clock.wall();
    const since = at - sinceMs;
    const names = this.#book.used(isOf(found), since);
    const source = prefixOf(found);
    const { mirrors } = config();
    return {
      source: source.show,
      kind: found.kind,
      at,
      since,
      countedSince: this.#book.countedSince,
      names: names.slice(0, MOST_NAMES),
      left: Math.max(0, names.length - MOST_NAMES),
      reading: mirrors.filter(({ from }) => from.startsWith(source)).map(({ name }) => name),
      writing: mirrors.filter(({ to }) => isInto(to, found)).map(({ name }) => name),
      others: await this.#othersOf(found),
    };
  }

  async #othersOf({ namer, kind }: OpenNamer): Promise<OtherClients> {
    if (namer.otherClients === undefined) {
      return { clients: [], unknown: [`${kind} cannot be asked who else uses it`] };
    }
    const late = new AbortController();
    using _ = this.#parts.world.clock.timer(OTHERS_MS, () => late.abort(new Error("it did not answer in time")));
    return namer.otherClients(late.signal).catch((error: unknown) => ({
      clients: [],
      unknown: [(error as Error).message],
    }));
  }
}

const prefixOf = ({ prefix }: OpenNamer): Path => Path.of("#").concat(prefix);

/** Whether a bound id, transformed or not, is of that namer. */
function isOf(found: OpenNamer): (id: string) => boolean {
  const prefix = prefixOf(found);
  return (id) => untransformed(Path.read(id)).startsWith(prefix);
}

/** A mirror that does not say whose connection it has, has that of the first namer of its kind. */
function isInto({ kind, namer }: Config["mirrors"][number]["to"], found: OpenNamer): boolean {
  return namer === undefined ? kind === found.kind : namer.equals(found.prefix);
}
