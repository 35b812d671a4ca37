/** The main thread's only work: starts the other threads, joins them, and starts those anew that die. */
import { MessageChannel, type ResourceLimits } from "node:worker_threads";
import type { Log } from "../base/log.ts";
import { Backoff, type Clock, type Random } from "../base/time.ts";
import type { FromMain, Listening, ToMain } from "./protocol.ts";
import { Round, type RoundPlan } from "./round.ts";
import { Thread, ThreadNotStarted } from "./thread.ts";

/** How one kind of thread is started, each time. */
export interface ThreadPlan {
  readonly entry: URL;
  readonly resourceLimits: ResourceLimits;
  /** The message that it starts with: plain data. */
  start(): object;
}

export interface SupervisorParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly control: ThreadPlan;
  /** `servers` are those of the first worker, once it listens. */
  worker(at: number, servers: readonly Listening[] | undefined): ThreadPlan;
  readonly workers: number;
  /** Hears what threads say beside their start and end. */
  heard(message: ToMain): void;
  /** A worker that was to take the place of another cannot listen: somebody else has its port. */
  portLost(): void;
}

const FIRST_RESTART_MS = 50;
const LAST_RESTART_MS = 10_000;
/** Who has lived so long did not die of its start. */
const SETTLED_MS = 60_000;
/** How long a thread may take to end beyond what its work was given. */
const LINGER_MS = 1_000;

/** The place of a thread: it has one thread at a time, or waits for the next. */
interface Seat {
  readonly name: string;
  /** Of a worker; `undefined` for the control thread. */
  readonly at: number | undefined;
  readonly backoff: Backoff;
  thread: Thread | undefined;
  /** What its thread listens with. */
  servers: readonly Listening[];
  startedAt: number;
  timer: Disposable | undefined;
}

export class Supervisor {
  readonly #parts: SupervisorParts;
  readonly #control: Seat;
  readonly #workers: readonly Seat[];
  /** The one under way, and those of which something is still in use. */
  readonly #rounds = new Set<Round>();
  /** A thread that is to be started waits for it. */
  #roundOver: Promise<unknown> = Promise.resolve();
  #servers: readonly Listening[] | undefined;
  #isServing = false;
  #closing = false;

  constructor(parts: SupervisorParts) {
    this.#parts = parts;
    this.#control = this.#seat("control", undefined);
    this.#workers = Array.from({ length: parts.workers }, (_, at) => this.#seat(`worker ${at}`, at));
  }

  /**
   * Resolves with the servers when every worker listens; rejects with why a thread could not start, and then the caller
   * closes. The control thread is told of the servers then.
   */
  async start(): Promise<readonly Listening[]> {
    const control = this.#spawn(this.#control);
    const [first, ...rest] = this.#workers;
    const firstWorker = first && this.#spawn(first);
    // What cannot be configured is said before what cannot be listened on.
    await control.ready;
    this.#servers = (await firstWorker?.ready) ?? [];
    await Promise.all(rest.map((seat) => this.#spawn(seat).ready));
    this.#isServing = true;
    // Who died since it was ready was not replaced yet.
    for (const seat of [this.#control, ...this.#workers]) if (seat.thread === undefined) this.#restartIn(seat, 0);
    this.#tellServing();
    return this.#servers;
  }

  /** Of the first worker; the others listen in the same places. */
  get servers(): readonly Listening[] {
    return this.#servers ?? [];
  }

  /** By worker, what each listens with now. */
  get listening(): readonly (readonly Listening[])[] {
    return this.#workers.map((seat) => (seat.thread === undefined ? [] : seat.servers));
  }

  /**
   * Has every worker run another configuration, or none: rejects with why it cannot be. `committed` is called in the turn
   * in which they are told. Resolves with what resolves when no worker uses what was replaced.
   */
  round(plan: RoundPlan, committed: () => void): Promise<{ readonly retired: Promise<void> }> {
    const members = this.#workers.map(({ at = 0, name, thread }) => ({ at, name, thread }));
    const round = new Round(plan, members, this.#parts.clock);
    const turn = async (): Promise<{ readonly retired: Promise<void> }> => {
      if (this.#closing) throw new Error("this process is about to end");
      this.#rounds.add(round);
      const servers = await round.prepare();
      for (const [at, seat] of this.#workers.entries()) seat.servers = servers[at] ?? [];
      this.#servers = servers[0];
      committed();
      round.commit();
      return { retired: round.retired.finally(() => this.#rounds.delete(round)) };
    };
    const over = turn();
    this.#roundOver = over.catch(() => this.#rounds.delete(round));
    return over;
  }

  /** Tells the control thread, if there is one. */
  tellControl(message: FromMain): void {
    this.#control.thread?.tell(message);
  }

  /** Another process has the admin port now. */
  leaveAdmin(): void {
    this.#control.thread?.tell({ type: "leaveAdmin" });
  }

  /** The workers finish what is under way and end, then the control thread. */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    const { clock } = this.#parts;
    const until = clock.now() + graceMs;
    const closeSeats = async (seats: readonly Seat[]): Promise<void> => {
      for (const { timer: restart } of seats) restart?.[Symbol.dispose]();
      const left = Math.max(0, until - clock.now());
      const deadline = new AbortController();
      using _ = clock.timer(left + LINGER_MS, () => deadline.abort());
      await Promise.all(seats.map((seat) => seat.thread?.close(left, deadline.signal)));
    };
    this.#control.thread?.tell({ type: "draining" });
    await closeSeats(this.#workers);
    await closeSeats([this.#control]);
  }

  /** Ends a thread as a defect would; its successor comes after the back-off, or after `restartMs`. */
  async terminate(which: "control" | number, restartMs?: number): Promise<void> {
    const seat = which === "control" ? this.#control : this.#workers[which];
    if (seat === undefined) throw new RangeError(`there is no worker ${which}`);
    const thread = seat.thread;
    await thread?.terminate();
    if (restartMs !== undefined) this.#restartIn(seat, restartMs);
  }

  #seat(name: string, at: number | undefined): Seat {
    const backoff = new Backoff(FIRST_RESTART_MS, LAST_RESTART_MS, this.#parts.random);
    return { name, at, backoff, thread: undefined, servers: [], startedAt: 0, timer: undefined };
  }

  #spawn(seat: Seat): Thread {
    const { clock, control, worker } = this.#parts;
    const { entry, resourceLimits, start } = seat.at === undefined ? control : worker(seat.at, this.#servers);
    const thread: Thread = new Thread({
      name: seat.name,
      entry,
      resourceLimits,
      heard: (message) => this.#heard(seat, message),
      ended: (cause) => this.#ended(seat, thread, cause),
    });
    seat.thread = thread;
    seat.servers = [];
    void thread.ready.then((servers) => (seat.servers = servers)).catch(() => undefined);
    seat.startedAt = clock.now();
    thread.tell({ type: "start", start: start() });
    if (seat.at === undefined) for (const other of this.#workers) this.#join(other);
    else this.#join(seat);
    return thread;
  }

  /** A channel between a worker and the control thread, where both are there. */
  #join({ at, thread }: Seat): void {
    const control = this.#control.thread;
    if (at === undefined || thread === undefined || control === undefined) return;
    const { port1, port2 } = new MessageChannel();
    control.tell({ type: "join", worker: at, port: port1 }, [port1]);
    thread.tell({ type: "join", worker: at, port: port2 }, [port2]);
  }

  #heard({ at }: Seat, message: ToMain): void {
    const isHeard = at !== undefined && [...this.#rounds].some((round) => round.hear(at, message));
    if (!isHeard) this.#parts.heard(message);
  }

  #ended(seat: Seat, thread: Thread, cause: Error | undefined): void {
    const { at, name } = seat;
    if (at !== undefined) for (const round of this.#rounds) round.lost({ at, name });
    if (seat.thread === thread) seat.thread = undefined;
    if (this.#closing || !this.#isServing || cause === undefined) return;
    const { clock, log } = this.#parts;
    if (clock.now() - seat.startedAt >= SETTLED_MS) seat.backoff.reset();
    const restartMs = Math.round(seat.backoff.next());
    log.error("thread.ended", { thread: seat.name, cause: cause.message, restartMs });
    this.#restartIn(seat, restartMs);
  }

  #restartIn(seat: Seat, ms: number): void {
    seat.timer?.[Symbol.dispose]();
    seat.timer = this.#parts.clock.timer(ms, () => void this.#restart(seat));
  }

  async #restart(seat: Seat): Promise<void> {
    await this.#roundOver;
    if (this.#closing || seat.thread !== undefined) return;
    const thread = this.#spawn(seat);
    try {
      await thread.ready;
      if (seat.at === undefined) this.#tellServing();
      this.#parts.log.info("thread.restarted", { thread: seat.name });
    } catch (error) {
      this.#parts.log.error("thread.failed", { thread: seat.name, cause: (error as Error).message });
      if (error instanceof ThreadNotStarted && error.why.code === "listen.in_use") this.#parts.portLost();
      // It has told why, and does not serve: its end brings the next one.
      await thread.terminate();
    }
  }

  #tellServing(): void {
    this.#control.thread?.tell({ type: "serving", servers: this.#servers ?? [] });
  }
}
