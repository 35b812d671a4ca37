/** The control thread's part of a reload: prepares naming and the admin port, and has the main thread bring the workers. */
import type { UsageDesk } from "./admin/usage-routes.ts";
import type { Config } from "./config/config.ts";
import { packForWorkers, packSource } from "./config/packed-source.ts";
import type { LiveAdmin } from "./live-admin.ts";
import type { LiveBridge } from "./live-bridge.ts";
import type { LiveNaming } from "./live-naming.ts";
import type { Step } from "./reload/reloader.ts";
import type { DrivenShifts } from "./shift-linker.ts";
import type { StackKeys } from "./stack-keys.ts";
import type { Parent } from "./threads/parent.ts";
import type { Listening, RoundRequest, ThreadError } from "./threads/protocol.ts";
import type { ThreadWorld } from "./thread-world.ts";

export interface ControlStepsParts {
  readonly naming: LiveNaming;
  readonly bridge: LiveBridge;
  readonly thread: Pick<ThreadWorld, "bug" | "setLogLevel">;
  readonly parent: Pick<Parent<unknown>, "say">;
}

/** What a round replaced in this thread, until no worker uses it any more. */
interface Replaced {
  close(): Promise<void>;
}

export class ControlSteps {
  /** Of what runs. */
  keys: StackKeys;
  /** Once the workers serve. */
  admin: LiveAdmin | undefined;
  /** Where there are any. */
  shifts: DrivenShifts | undefined;
  /** Once it is counted. */
  usage: UsageDesk | undefined;
  readonly #parts: ControlStepsParts;
  readonly #rounds = new Map<number, PromiseWithResolvers<readonly Listening[]>>();
  readonly #replaced = new Map<number, Replaced>();

  constructor(parts: ControlStepsParts, keys: StackKeys) {
    this.#parts = parts;
    this.keys = keys;
  }

  async apply(step: Step): Promise<void> {
    const { before, after, revision } = step;
    const { naming, bridge, thread, parent } = this.#parts;
    const keys = this.keys.next(before, after, revision);
    await using undo = new AsyncDisposableStack();
    const named = undo.adopt(await naming.prepare(after, keys), (each) => each.cancel());
    const bridged = undo.adopt(await bridge.prepare(after, named.namers), (each) => each.cancel());
    const moved = undo.adopt(await this.admin?.prepare(after), (each) => each?.cancel());
    await this.usage?.look();
    await bridged.leave();
    const servers = await this.#round(requestOf(step, keys, this.keys));
    undo.move();
    this.keys = keys;
    this.#replaced.set(revision, named.commit());
    bridged.commit(servers);
    this.tellAnnouncing();
    moved?.commit();
    this.shifts?.renew(after.routers);
    if (moved !== undefined && this.admin !== undefined) {
      const { host, port, fd } = this.admin;
      parent.say({ type: "admin", host, port, ...(fd === undefined ? {} : { fd }) });
    }
    thread.setLogLevel(after.log.level);
  }

  /** Whether the main thread must have what is announced taken away before it closes servers. */
  tellAnnouncing(): void {
    const { bridge, parent } = this.#parts;
    parent.say({ type: "announcing", isSo: bridge.announces });
  }

  roundOver(revision: number, error: ThreadError | undefined, servers: readonly Listening[] = []): void {
    const round = this.#rounds.get(revision);
    this.#rounds.delete(revision);
    if (error === undefined) round?.resolve(servers);
    else round?.reject(new Error(error.message));
  }

  /** No worker uses what that round replaced; nor, as they take rounds in turn, what an earlier one did. */
  retired(revision: number): void {
    const replaced = this.#replaced.get(revision);
    this.#replaced.delete(revision);
    void replaced?.close().catch(this.#parts.thread.bug);
  }

  #round(request: RoundRequest): Promise<readonly Listening[]> {
    const round = Promise.withResolvers<readonly Listening[]>();
    this.#rounds.set(request.revision, round);
    this.#parts.parent.say({ type: "round", request });
    return round.promise;
  }
}

function requestOf({ before, after, revision }: Step, keys: StackKeys, old: StackKeys): RoundRequest {
  const { routers, log, shutdownGraceMs, source, expanded } = after;
  const workerSource = packForWorkers(expanded);
  const said = (config: Config): string => JSON.stringify(packForWorkers(config.expanded).root);
  const sameKeys = JSON.stringify(keys.byLabel) === JSON.stringify(old.byLabel);
  return {
    revision,
    keys: keys.byLabel,
    source: packSource(source),
    workerSource,
    sameForWorkers: sameKeys && said(before) === said(after),
    logLevel: log.level,
    shutdownGraceMs,
    routers: routers.map(({ servers }) => ({ servers: servers.map(({ ip, port }) => ({ ip, port })) })),
  };
}
