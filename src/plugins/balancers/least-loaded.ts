/** Load as the number of exchanges that an endpoint has. */
import type { Load } from "linkspan/plugin";

export class LeastLoaded implements Load {
  #outstanding = 0;
  started(): void {
    this.#outstanding++;
  }
  ended(): void {
    this.#outstanding--;
  }
  cost(): number {
    return this.#outstanding;
  }
}
