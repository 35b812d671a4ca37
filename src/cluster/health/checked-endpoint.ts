/** What the checks of one endpoint have come to: it is out after so many that failed, and in after so many that passed. */
import type { EndpointHealth } from "../../base/health.ts";
import type { CheckResult, CheckTimes } from "./check.ts";

export class CheckedEndpoint {
  readonly #times: CheckTimes;
  #health: EndpointHealth | undefined;
  /** Checks in a row that say another thing than what it is taken for. */
  #against = 0;

  constructor(times: CheckTimes) {
    this.#times = times;
  }

  /** Nothing is known of it before the first check that passes, or `down` that fail. */
  get health(): EndpointHealth | undefined {
    return this.#health;
  }

  /** `wall` is epoch ms. Says whether there is news; a check that could not be made is none. */
  heard({ outcome, answer }: CheckResult, wall: number): boolean {
    if (outcome === "unknown") return false;
    const before = this.#health;
    const hasPassed = outcome === "passed";
    const isHealthy = before?.isHealthy ?? true;
    this.#against = hasPassed === isHealthy ? 0 : this.#against + 1;
    const turns = this.#against >= (isHealthy ? this.#times.down : this.#times.up);
    if (turns) this.#against = 0;
    // What it was not yet taken for was never said, so it is not said of it that it is well.
    if (before === undefined && !turns && !hasPassed) return false;
    const becomes = turns ? !isHealthy : isHealthy;
    if (before?.isHealthy === becomes && before.answer === answer) return false;
    const since = before?.isHealthy === becomes ? before.since : wall;
    this.#health = { isHealthy: becomes, answer, since };
    return true;
  }
}
