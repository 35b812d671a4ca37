/** Notes of the metrics of many places, from one round over all of them to the next. */
import type { LinkerdPlace } from "./linkerd-samples.ts";

type Notes<T> = Map<string, Map<string, T>>;

/** What is not noted again in a whole round is forgotten at its end: its place is gone. */
export class PlaceNotes<T> {
  #before: Notes<T> = new Map();
  #now: Notes<T> = new Map();

  get(place: LinkerdPlace, metric: string): T | undefined {
    const key = keyOf(place, metric);
    return this.#now.get(key)?.get(place.name) ?? this.#before.get(key)?.get(place.name);
  }

  set(place: LinkerdPlace, metric: string, note: T): void {
    const key = keyOf(place, metric);
    const notes = this.#now.get(key) ?? new Map<string, T>();
    this.#now.set(key, notes);
    notes.set(place.name, note);
  }

  endRound(): void {
    this.#before = this.#now;
    this.#now = new Map();
  }
}

/** Of few there are many places each, whose names are the series' own and take no room here. */
const keyOf = ({ scope, router }: LinkerdPlace, metric: string): string => `${scope} ${metric} ${router}`;
