/** One reload in all workers: each prepares, and all are told to commit, or none. */
import type { Clock } from "../base/time.ts";
import type { Listening, ToMain, WorkerStep } from "./protocol.ts";
import type { Thread } from "./thread.ts";
import { ThreadNotStarted } from "./thread.ts";

/** A worker as it is when the round begins. */
export interface RoundMember {
  readonly at: number;
  readonly name: string;
  readonly thread: Thread | undefined;
}

export interface RoundPlan {
  readonly revision: number;
  /** What a worker is to prepare; `servers` are those of the first one, once it has. */
  step(at: number, servers: readonly Listening[] | undefined): WorkerStep;
}

/** Plugins are loaded and certificates read, on a worker that serves meanwhile. */
const PREPARE_MS = 10_000;

export class Round {
  readonly #clock: Clock;
  readonly #plan: RoundPlan;
  readonly #members: readonly RoundMember[];
  readonly #waiting = new Map<number, PromiseWithResolvers<readonly Listening[]>>();
  readonly #unretired: Set<number>;
  readonly #retired = Promise.withResolvers<void>();

  constructor(plan: RoundPlan, members: readonly RoundMember[], clock: Clock) {
    this.#plan = plan;
    this.#members = members;
    this.#clock = clock;
    this.#unretired = new Set(members.map(({ at }) => at));
  }

  /** Resolves when no worker uses what was replaced any more. */
  get retired(): Promise<void> {
    return this.#retired.promise;
  }

  /** By member, what each will listen with. Rejects with why one of them cannot; then all are as they were. */
  async prepare(): Promise<readonly (readonly Listening[])[]> {
    try {
      const [first, ...rest] = this.#members;
      if (first === undefined) return [];
      const servers = await this.#ask(first, undefined);
      return [servers, ...(await Promise.all(rest.map((member) => this.#ask(member, servers))))];
    } catch (error) {
      this.#tell("cancel");
      throw error;
    }
  }

  commit(): void {
    this.#tell("commit");
  }

  hear(at: number, message: ToMain): boolean {
    if (!("revision" in message) || message.revision !== this.#plan.revision) return false;
    if (message.type === "prepared") this.#waiting.get(at)?.resolve(message.servers);
    else if (message.type === "unprepared") this.#waiting.get(at)?.reject(new ThreadNotStarted(message.error));
    else if (message.type === "retired") this.#retire(at);
    return true;
  }

  /** A worker has ended. */
  lost({ at, name }: Pick<RoundMember, "at" | "name">): void {
    this.#waiting.get(at)?.reject(new Error(`${name} has ended meanwhile`));
    this.#retire(at);
  }

  async #ask(member: RoundMember, servers: readonly Listening[] | undefined): Promise<readonly Listening[]> {
    const { at, name, thread } = member;
    if (thread === undefined) throw new Error(`${name} is being started anew`);
    const answer = Promise.withResolvers<readonly Listening[]>();
    this.#waiting.set(at, answer);
    const late = (): void => answer.reject(new Error(`${name} was not ready within ${PREPARE_MS / 1_000} s`));
    using _ = this.#clock.timer(PREPARE_MS, late);
    await Promise.race([thread.ready, answer.promise]);
    thread.tell({ type: "prepare", step: this.#plan.step(at, servers) });
    return await answer.promise;
  }

  #tell(type: "commit" | "cancel"): void {
    for (const { at, thread } of this.#members) {
      if (this.#waiting.has(at)) thread?.tell({ type, revision: this.#plan.revision });
    }
  }

  #retire(at: number): void {
    this.#unretired.delete(at);
    if (this.#unretired.size === 0) this.#retired.resolve();
  }
}
