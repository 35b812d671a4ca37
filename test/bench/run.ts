/** Runs a scenario: all proxies started side by side, then measured in turns, so that what disturbs disturbs all. */
import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../servers/free-port.ts";
import { isInTime, type Latencies, type Outcome } from "./load/outcome.ts";
import { median, merged, paced } from "./load/paced.ts";
import { cores, startPinned, stop, usageOf, waitForPort } from "./measure.ts";
import type { Scenario } from "./modes/scenario.ts";
import type { Peer, Task } from "./peers/peer.ts";
import type { Site } from "./site.ts";

export interface Sample extends Outcome {
  readonly cpuMicros: number;
  readonly rssMb: number;
}

export interface Found {
  readonly name: string;
  readonly samples: readonly Sample[];
  readonly atThousand: Latencies | undefined;
  /** At half of what it did at the most, or at what the generator holds where that is less. */
  readonly atHalf: Latencies | undefined;
  /** Whether it was the generator that set the rate of `atHalf`. */
  readonly isBounded: boolean;
  readonly extra: Readonly<Record<string, string>>;
}

export interface RunOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly pacedSeconds: number;
  /** Gets a line of progress. */
  readonly tell: (line: string) => void;
}

const THOUSAND = 1_000;
/** The generator shares a core with the backend: direct calls show which of these rates it holds. */
const RATES = [16_000, 12_000, 8_000, 6_000, 4_000, 2_000];
/** wrk knows no parts of seconds. */
const WARMUP_SECONDS = 2;
/** Requests one by one take other ways through a proxy than those of full load: it is warm when it has seen both. */
const PACED_WARMUP = { perSecond: 4_000, seconds: 4 };
const LAST_WORDS = 1_000;
const START_MS = 15_000;

interface Contender {
  readonly name: string;
  readonly port: number;
  readonly process: ChildProcess;
  readonly samples: Sample[];
  /** The file of what it said on its standard error. */
  readonly complaints: string;
}

/** Direct calls come first, under the name "direct", with latencies and no samples. */
export async function runScenario(
  scenario: Scenario,
  peers: readonly Peer[],
  site: Site,
  options: RunOptions,
): Promise<readonly Found[]> {
  const back = await site.startBackend(scenario.backend);
  const tls = scenario.isTls === true ? site.tls : undefined;
  const task: Task = { front: scenario.front, tls, back, tunnels: scenario.tunnels === true };
  const contenders: Contender[] = [];
  try {
    for (const peer of peers) {
      const contender = await startPeer(peer, task, site, options.tell);
      if (contender) contenders.push(contender);
    }
    for (const { port } of contenders) await scenario.saturate(port, WARMUP_SECONDS, site);
    for (let round = 1; round <= options.rounds; round++) await runRound(scenario, contenders, site, round, options);
    const { direct, of } = await latenciesOf(scenario, contenders, back.port, options);
    const held = await heldRate(scenario, back.port, options);
    const found: Found[] = [];
    for (const contender of contenders) found.push(await finish(scenario, contender, of.get(contender), held, options));
    return [...direct, ...found];
  } finally {
    await Promise.all(contenders.map((each) => stop(each.process)));
  }
}

async function startPeer(peer: Peer, task: Task, site: Site, tell: RunOptions["tell"]): Promise<Contender | undefined> {
  if (peer.missing !== undefined || !peer.can(task)) return undefined;
  const port = await freePort();
  const folder = site.folderOf(`${peer.name}-${port}`);
  const complaints = join(folder, "complaints");
  const child = startPinned(cores.proxy, peer.command({ ...task, port, folder }), complaints);
  try {
    await waitForPort(port, START_MS, child);
    return { name: peer.name, port, process: child, samples: [], complaints };
  } catch (error) {
    await stop(child);
    const reason = error instanceof Error ? error.message : String(error);
    tell(`left out: ${peer.name}: ${reason}\n${lastWords(complaints)}`);
    return undefined;
  }
}

const lastWords = (complaints: string): string => readFileSync(complaints, "utf8").slice(-LAST_WORDS);

/** Tells of one that ended by itself. */
function isGone({ process: child, name, complaints }: Contender, tell: RunOptions["tell"]): boolean {
  if (child.exitCode === null && child.signalCode === null) return false;
  tell(`${name} has ended with ${child.exitCode ?? child.signalCode}: ${lastWords(complaints)}`);
  return true;
}

/** Begins with another one in each round. */
async function runRound(
  scenario: Scenario,
  contenders: readonly Contender[],
  site: Site,
  round: number,
  { seconds, tell }: RunOptions,
): Promise<void> {
  const first = round % contenders.length;
  for (const contender of [...contenders.slice(first), ...contenders.slice(0, first)]) {
    if (isGone(contender, tell)) continue;
    const { port, process: child, samples, name } = contender;
    const pid = child.pid ?? 0;
    const before = usageOf(pid);
    const outcome = await scenario.saturate(port, seconds, site);
    if (isGone(contender, tell)) continue;
    const after = usageOf(pid);
    const cpuMicros = ((after.cpuSeconds - before.cpuSeconds) / outcome.done) * 1e6;
    samples.push({ ...outcome, cpuMicros, rssMb: after.rssMb });
    const failed = outcome.failed > 0 ? `, ${outcome.failed} failed` : "";
    tell(`${scenario.title}, round ${round}, ${name}: ${cpuMicros.toFixed(1)} us/${scenario.unit}${failed}`);
  }
}

async function finish(
  scenario: Scenario,
  contender: Contender,
  atThousand: Latencies | undefined,
  held: number,
  options: RunOptions,
): Promise<Found> {
  const { name, port, samples } = contender;
  const nothing = { name, samples, atThousand, atHalf: undefined, isBounded: false, extra: {} };
  if (isGone(contender, options.tell)) return nothing;
  const half = Math.round(median(samples.map(({ done, seconds }) => done / seconds)) / 2);
  return {
    ...nothing,
    atHalf: await latencies(scenario, port, Math.min(half, held), options),
    isBounded: held < half,
    extra: (await scenario.extra?.(contender)) ?? {},
  };
}

/**
 * At a thousand a second, in short slices by turns, so that what disturbs disturbs all; the medians of them count. TLS
 * ends at the proxy, so that there is nothing to compare with where it is spoken but the call without.
 */
async function latenciesOf(
  scenario: Scenario,
  contenders: readonly Contender[],
  backend: number,
  options: RunOptions,
): Promise<{ readonly direct: readonly Found[]; readonly of: ReadonlyMap<Contender, Latencies> }> {
  for (const contender of contenders) if (!isGone(contender, options.tell)) await warmUp(scenario, contender, options);
  const direct: Latencies[] = [];
  const slices = new Map<Contender, Latencies[]>(contenders.map((each) => [each, []]));
  for (let slice = 0; slice < options.rounds; slice++) {
    const plain = await latencies({ ...scenario, isTls: false }, backend, THOUSAND, options);
    if (plain) direct.push(plain);
    for (const [contender, own] of slices) {
      const found = isGone(contender, options.tell)
        ? undefined
        : await latencies(scenario, contender.port, THOUSAND, options);
      if (found) own.push(found);
    }
  }
  const of = new Map<Contender, Latencies>();
  for (const [contender, own] of slices) if (own.length > 0) of.set(contender, merged(own));
  if (direct.length === 0) return { direct: [], of };
  const atThousand = merged(direct);
  return { direct: [{ name: "direct", samples: [], atThousand, atHalf: undefined, isBounded: false, extra: {} }], of };
}

async function warmUp(
  { paced: kind, isTls = false }: Scenario,
  { port }: Contender,
  options: RunOptions,
): Promise<void> {
  if (kind !== undefined && options.pacedSeconds > 0) await paced({ kind, port, isTls, ...PACED_WARMUP });
}

/** The most a second that the generator sends in time where no proxy is in the way. */
async function heldRate(scenario: Scenario, backend: number, options: RunOptions): Promise<number> {
  for (const rate of RATES) {
    const found = await latencies({ ...scenario, isTls: false }, backend, rate, options);
    if (found === undefined || (found.failed === 0 && isInTime(found))) return rate;
  }
  return THOUSAND;
}

async function latencies(
  { paced: kind, isTls = false, title }: Scenario,
  port: number,
  perSecond: number,
  { pacedSeconds, tell }: RunOptions,
): Promise<Latencies | undefined> {
  if (kind === undefined || pacedSeconds <= 0 || !(perSecond > 0)) return undefined;
  const found = await paced({ kind, port, isTls, perSecond, seconds: pacedSeconds });
  const failed = found.failed > 0 ? `, ${found.failed} failed` : "";
  tell(`${title}, ${perSecond} a second: p50 ${found.p50Ms.toFixed(2)} ms, p99 ${found.p99Ms.toFixed(2)} ms${failed}`);
  return found;
}
