/** What sends metrics somewhere, over all configurations: one that stays the same goes on. */
import type { AdminParts } from "./admin-face.ts";
import { processMetrics } from "./admin/process-metrics.ts";
import { StatsdSender, type StatsdSettings } from "./admin/statsd-sender.ts";
import type { Scope } from "./base/scope.ts";
import type { Config } from "./config/config.ts";

export class Telemeters {
  readonly #parts: Pick<AdminParts, "world" | "metrics" | "refresh" | "bug">;
  readonly #owner: Scope;
  /** By what their settings say. */
  #senders: ReadonlyMap<string, Scope> = new Map();

  constructor(parts: Pick<AdminParts, "world" | "metrics" | "refresh" | "bug">, owner: Scope) {
    this.#parts = parts;
    this.#owner = owner;
  }

  use({ telemetry }: Pick<Config, "telemetry">): void {
    const before = this.#senders;
    const wanted = telemetry.filter((each) => each.kind === "io.l5d.statsd");
    this.#senders = new Map(
      wanted.map((settings) => {
        const key = JSON.stringify(settings);
        return [key, before.get(key) ?? this.#open(settings)];
      }),
    );
    for (const [key, scope] of before) if (!this.#senders.has(key)) void scope.close().catch(this.#parts.bug);
  }

  #open(settings: StatsdSettings): Scope {
    const { world, metrics: registry, refresh } = this.#parts;
    const { clock, log, resolve } = world;
    const scope = this.#owner.child();
    const sources = { registry, refresh, process: processMetrics };
    scope.own(new StatsdSender(settings, { sources, clock, log, resolve }));
    return scope;
  }
}
