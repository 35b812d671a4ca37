/** One service of Nomad: followed by a query of its own while there is room for one, else read at each change of the list. */
import {
  type Clock,
  followService,
  type Random,
  type ServiceListener,
  type ServiceReading,
  type ServiceSource,
  type Var,
} from "linkspan/plugin";
import type { NomadAgent, NomadAnswer } from "./agent.ts";
import { blockingQuery } from "./blocking-query.ts";
import { type Listing, nextChange } from "./catalogue.ts";
import { readRegistrations } from "./registrations.ts";
import type { Slots } from "./slots.ts";

export interface NomadSourceOptions {
  readonly agent: NomadAgent;
  readonly service: string;
  readonly tags: readonly string[];
  readonly listing: Var<Listing>;
  readonly slots: Slots;
  readonly clock: Clock;
  readonly random: Random;
}

export class NomadSource implements ServiceSource {
  readonly #options: NomadSourceOptions;
  readonly #path: string;

  constructor(options: NomadSourceOptions) {
    this.#options = options;
    this.#path = `/v1/service/${encodeURIComponent(options.service)}`;
  }

  follow(listener: ServiceListener): Disposable {
    const { clock, random } = this.#options;
    return followService({ clock, random, listener, attempt: (heard, signal) => this.#attempt(heard, signal) });
  }

  async confirm(signal: AbortSignal): Promise<ServiceReading> {
    return this.#read(await this.#options.agent.askAnew({ path: this.#path, signal }));
  }

  async #attempt(heard: (reading: ServiceReading) => void, signal: AbortSignal): Promise<void> {
    const { agent, clock, slots, listing } = this.#options;
    const slot = slots.take();
    if (slot) {
      using _ = slot;
      await blockingQuery({ agent, path: this.#path, clock, signal, heard: (answer) => heard(this.#read(answer)) });
    }
    // Begun before the reading, so that no change falls between the two.
    const changed = nextChange(listing, signal);
    changed.catch(() => undefined);
    heard(this.#read(await agent.ask({ path: this.#path, signal })));
    await changed;
  }

  #read({ value, index }: NomadAnswer): ServiceReading {
    const { members, refused } = readRegistrations(value, this.#options.tags);
    const revision = index === undefined ? {} : { revision: `${index.value}` };
    // An entry that cannot be read is no word that there is nobody.
    return { members: members.size + refused.size > 0 ? members : undefined, refused, ...revision };
  }
}
