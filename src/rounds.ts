/** What all threads are started with, and how they come to run something else: the main thread's part of a reload. */
import type { Config } from "./config/config.ts";
import { packForWorkers, packSource } from "./config/packed-source.ts";
import type { LinkerParts, Moves } from "./daemon.ts";
import { ListenPlan, type ServerPlaces, wantedPlaces } from "./listen-plan.ts";
import { StackKeys } from "./stack-keys.ts";
import { Inheritance } from "./takeover/inheritance.ts";
import { describeError } from "./threads/parent.ts";
import { type GivenConfig, PROTOCOL, type RoundRequest, type WorkerStep } from "./threads/protocol.ts";
import type { Supervisor } from "./threads/supervisor.ts";

type Given = Omit<GivenConfig, "source"> & { readonly protocol: number };

/** What runs, as plain data. A thread that is started anew starts with it. */
export class RunningThreads implements ServerPlaces {
  given: Given;
  source: unknown;
  workerSource: unknown;
  plan: ListenPlan;
  routers: ServerPlaces["routers"];
  shutdownGraceMs: number;
  readonly #workers: number;

  constructor(config: Config, workers: number, { inheritance }: Pick<LinkerParts, "inheritance">) {
    const { baseDir, source, expanded, routers, log, shutdownGraceMs } = config;
    const keys = StackKeys.first(config).byLabel;
    this.#workers = workers;
    this.given = { protocol: PROTOCOL, baseDir, logLevel: log.level, workers, keys, revision: 1 };
    this.source = packSource(source);
    this.workerSource = packForWorkers(expanded);
    this.plan = new ListenPlan({ routers, workers, inheritance, isShared: true });
    this.routers = routers.map(({ servers }) => ({ servers: servers.map(({ ip, port }) => ({ ip, port })) }));
    this.shutdownGraceMs = shutdownGraceMs;
  }

  /** Where the workers listen when that is run. What is inherited was inherited by the first. */
  planOf({ routers }: ServerPlaces): ListenPlan {
    return new ListenPlan({ routers, workers: this.#workers, inheritance: nothing, isShared: true });
  }

  take(request: RoundRequest, plan: ListenPlan): void {
    const { keys, revision, logLevel } = request;
    this.given = { ...this.given, keys, revision, logLevel };
    this.source = request.source;
    this.workerSource = request.workerSource;
    this.plan = plan;
    this.routers = request.routers;
    this.shutdownGraceMs = request.shutdownGraceMs;
  }
}

const nothing = new Inheritance({ servers: [] });

export class Rounds {
  readonly #running: RunningThreads;
  readonly #supervisor: Supervisor;
  readonly #moves: Moves;
  readonly #setLogLevel: LinkerParts["setLogLevel"];

  constructor(running: RunningThreads, supervisor: Supervisor, moves: Moves, parts: Pick<LinkerParts, "setLogLevel">) {
    this.#running = running;
    this.#supervisor = supervisor;
    this.#moves = moves;
    this.#setLogLevel = parts.setLogLevel;
  }

  /** Tells the control thread what came of it. Never rejects. */
  async run(request: RoundRequest): Promise<void> {
    const { revision } = request;
    const supervisor = this.#supervisor;
    try {
      const plan = this.#running.planOf(request);
      await plan.refusePortsInUse(new Set(wantedPlaces(this.#running).map(({ name }) => name)));
      const before = supervisor.servers;
      const { retired } = await this.#apply(request, plan);
      this.#setLogLevel(request.logLevel);
      this.#moves.tell(before, supervisor.servers);
      supervisor.tellControl({ type: "roundOver", revision, servers: supervisor.servers });
      void retired.then(() => supervisor.tellControl({ type: "retired", revision }));
    } catch (error) {
      supervisor.tellControl({ type: "roundOver", revision, error: describeError(error) });
    }
  }

  async #apply(request: RoundRequest, plan: ListenPlan): Promise<{ readonly retired: Promise<void> }> {
    const { revision, keys, logLevel, workerSource: source, sameForWorkers } = request;
    const commit = (): void => this.#running.take(request, plan);
    if (sameForWorkers) {
      commit();
      return { retired: Promise.resolve() };
    }
    const step: WorkerStepAt = (at, servers) => ({
      source,
      keys,
      revision,
      logLevel,
      listen: plan.next(at, servers),
    });
    return this.#supervisor.round({ revision, step }, commit);
  }
}

type WorkerStepAt = (at: number, servers: Parameters<ListenPlan["next"]>[1]) => WorkerStep;
