/** Takes an answer by which an endpoint says that it did nothing with a request for the refusal that it is. */
import { failures } from "../../base/failure.ts";
import type { SeriesRow } from "../../base/metrics.ts";
import type { Clock, Random } from "../../base/time.ts";
import { note } from "../../http/decisions.ts";
import { fail, Filter } from "../../http/filter.ts";
import type { Exchange } from "../../http/exchange.ts";
import { Counted } from "../cluster-series.ts";
import { NackAdmission } from "../nack-admission.ts";
import { type ClusterSlots, Outcome } from "../slots.ts";

/** What clusters share that are configured alike. */
export interface NackKit {
  readonly slots: ClusterSlots;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * As Finagle says it: 503 with a field of its own, which this router's servers write too. A bare `retry-after: 0` does
 * not say that nothing was done. Where most attempts end so, a share of the next ones is refused before it is sent.
 */
export class Nack extends Filter {
  readonly #kit: NackKit;
  readonly #nacked: number;
  readonly #row: SeriesRow;
  /** There while some of the last attempts were refused. */
  #admission: NackAdmission | undefined;

  constructor(kit: NackKit, row: SeriesRow) {
    super();
    this.#kit = kit;
    this.#nacked = kit.slots.nacked;
    this.#row = row;
  }

  override dispatch(x: Exchange): void {
    x.numbers[this.#nacked] = 0;
    if (this.#admission === undefined || !this.#isRefused(x, this.#admission)) this.next.dispatch(x);
  }

  override respond(x: Exchange): void {
    if (!isNack(x)) {
      if (this.#admission !== undefined) this.#answered(this.#admission, false);
      return this.prev.respond(x);
    }
    this.#admission ??= new NackAdmission(this.#kit.clock.now());
    this.#answered(this.#admission, true);
    x.numbers[this.#nacked] = 1;
    x.abandon();
  }

  override finish(x: Exchange): void {
    if (x.numbers[this.#nacked] !== 1) return this.prev.finish(x);
    x.numbers[this.#nacked] = 0;
    fail(this.prev, x, failures["upstream.refused"]);
  }

  #answered(admission: NackAdmission, isNack: boolean): void {
    admission.answered(this.#kit.clock.now(), isNack);
    if (!isNack && admission.isOver) this.#admission = undefined;
  }

  #isRefused(x: Exchange, admission: NackAdmission): boolean {
    const { clock, random, slots } = this.#kit;
    const at = clock.now();
    if (!admission.refuses(at, random)) return false;
    this.#row.add(Counted.nackShed);
    x.numbers[slots.outcome] = Outcome.ignored;
    note(x, slots.decisions, { at, kind: "end", by: "attempt", because: "most attempts are refused there" });
    fail(this.prev, x, failures["cluster.overloaded"]);
    return true;
  }
}

function isNack({ failure, response }: Exchange): boolean {
  return failure === undefined && response.status === 503 && response.headers.get("finagle-http-nack") !== undefined;
}
