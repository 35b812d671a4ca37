/** A listening server over all its configurations: its sockets and connections stay, what is behind them is replaced. */
import type { Metrics } from "./base/metrics.ts";
import type { Scope } from "./base/scope.ts";
import { sleep } from "./base/time.ts";
import type { RouterConfig, ServerConfig } from "./config/config.ts";
import { meansTheSame } from "./config/meaning.ts";
import type { DataPath } from "./data-path.ts";
import type { ListenPlace } from "./net/listen-place.ts";
import { ListenerGroup } from "./net/listener-group.ts";
import { defaultMaxConnections } from "./net/listener.ts";
import { Doorway } from "./router/doorway.ts";
import { serverConnections } from "./router/filters/server-stats.ts";
import type { RouterStack } from "./router-linker.ts";
import type { ServerEnd } from "./server-end.ts";
import { linkServer } from "./server-linker.ts";
import { linkTcpServer } from "./tcp-linker.ts";

/** What a server is made of, beside its address. */
export interface ServerSaid {
  readonly router: RouterConfig;
  readonly server: ServerConfig;
  readonly stack: RouterStack;
}

interface Behind {
  readonly said: ServerSaid;
  readonly lastCallMs: number;
  readonly end: ServerEnd;
  readonly scope: Scope;
}

/** Handshakes and first bytes of connections that came before: so long they may count where they were begun. */
const AFTERGLOW_MS = 30_000;

export class ServerSeat {
  readonly #data: Omit<DataPath, "config">;
  /** Of everything that it opens. */
  readonly #owner: Scope;
  readonly #door = new Doorway();
  #listener: ListenerGroup | undefined;
  #behind: Behind | undefined;
  #next: Behind | undefined;

  constructor(data: Omit<DataPath, "config">, owner: Scope) {
    this.#data = data;
    this.#owner = owner.child();
  }

  get router(): string {
    return (this.#next ?? this.#behind)?.said.router.label ?? "";
  }

  get host(): string {
    return (this.#next ?? this.#behind)?.said.server.ip ?? "";
  }

  get port(): number {
    return this.#listener?.port ?? 0;
  }

  get fds(): readonly number[] {
    return this.#listener?.fds ?? [];
  }

  /** Links what is to be behind the sockets next, unless that is there already. Throws a CertificateError. */
  prepare(said: ServerSaid, config: DataPath["config"]): void {
    const { lastCallMs } = config;
    const known = this.#behind;
    const isSame =
      known?.said.stack === said.stack &&
      known.lastCallMs === lastCallMs &&
      meansTheSame(known.said.server, said.server);
    if (isSame) return;
    const scope = this.#owner.child();
    const { router, server } = said;
    const parts = { router, server, next: said.stack.routes, door: this.#door, data: { ...this.#data, config } };
    this.#next = {
      said,
      lastCallMs,
      scope,
      end: (router.protocol === "tcp" ? linkTcpServer : linkServer)(parts, scope),
    };
  }

  /** Opens its sockets, which serve what was prepared at once. Rejects with a ListenError. */
  async listen(places: readonly ListenPlace[]): Promise<void> {
    const next = this.#next;
    if (next === undefined) throw new Error("nothing is prepared");
    this.#door.leadTo(next.end.service);
    const options = { accept: next.end.accept, maxConnections: this.#most };
    this.#listener = this.#owner.own(await ListenerGroup.listen(places, options));
  }

  /** What was prepared is behind the sockets from now on. Resolves when what was there before is closed. */
  async commit(): Promise<void> {
    const next = this.#next;
    const before = this.#behind;
    if (next === undefined) return;
    this.#next = undefined;
    this.#behind = next;
    this.#door.leadTo(next.end.service);
    this.#listener?.use({ accept: next.end.accept, maxConnections: this.#most });
    this.#count(this.#data.world.metrics, next);
    if (before !== undefined) await this.#leave(before);
  }

  /** What was prepared is not to be. */
  async cancel(): Promise<void> {
    const next = this.#next;
    this.#next = undefined;
    if (this.#behind === undefined) await this.close();
    else await next?.scope.close();
  }

  /** Accepts no more; what is under way may end until the deadline. */
  async drain(deadline: AbortSignal): Promise<void> {
    await this.#listener?.close(deadline);
  }

  /** At once; drain it before. */
  close(): Promise<void> {
    return this.#owner.close();
  }

  get #most(): number {
    return this.#data.shareOf(defaultMaxConnections);
  }

  #count(metrics: Metrics, behind: Behind): void {
    const { router, server } = behind.said;
    const labels = { router: router.label, server: `${server.ip}/${server.port}` };
    // While two configurations of a server are there, connections are counted once.
    const read = (): number => (this.#behind === behind ? (this.#listener?.connections ?? 0) : 0);
    metrics.gauge(serverConnections, labels, behind.scope, read);
  }

  async #leave({ end, scope }: Behind): Promise<void> {
    await end.whenIdle();
    await sleep(this.#data.world.clock, AFTERGLOW_MS, scope.signal).catch(() => undefined);
    await scope.close();
  }
}
