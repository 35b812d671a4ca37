/** Many deadlines with times of their own and one timer: a wheel whose slots each hold what is due in one tick. */
import type { Clock } from "./time.ts";

/** The place of an item on a wheel, which lends it from `add` until the item is removed or expires. */
export class WheelPlace<T> {
  /** Undefined while nobody waits here. All fields are the wheel's own. */
  item: T | undefined;
  /** The tick in which it is due. */
  tick = 0;
  /** Whether it has left its slot, because its time has come. */
  isDue = false;
  before: WheelPlace<T> | undefined;
  after: WheelPlace<T> | undefined;
}

/** Nothing expires before its time, and nothing later than this after it, but for the delay of timers themselves. */
const TICK_MS = 4;
const SLOTS = 256;

/** So many places are kept for reuse after a peak. */
const MAX_SPARE = 4_096;

/** Adding and removing take constant time. What is due in a later round stays in its slot until then. */
export class TimingWheel<T extends object | string | number> implements Disposable {
  readonly #clock: Clock;
  readonly #expired: (item: T) => void;
  readonly #turned = (): void => this.#turn();
  readonly #slots: (WheelPlace<T> | undefined)[] = Array.from({ length: SLOTS }, () => undefined);
  /** The last tick whose slot was looked at. */
  #tick: number;
  #size = 0;
  #timer: Disposable | undefined;
  /** The tick for which the timer is set. */
  #timerTick = 0;
  #spare: WheelPlace<T> | undefined;
  #spares = 0;

  /** `expired` is called once an item; it may add and remove. */
  constructor(clock: Clock, expired: (item: T) => void) {
    this.#clock = clock;
    this.#expired = expired;
    this.#tick = Math.floor(clock.now() / TICK_MS);
  }

  get size(): number {
    return this.#size;
  }

  /** `dueAt` is monotonic ms; `item` must not be waiting here. */
  add(item: T, dueAt: number): WheelPlace<T> {
    if (this.#size === 0) this.#tick = Math.floor(this.#clock.now() / TICK_MS);
    const place = this.#take();
    place.item = item;
    place.tick = Math.max(this.#tick + 1, Math.ceil(dueAt / TICK_MS));
    const slot = place.tick % SLOTS;
    const first = this.#slots[slot];
    place.after = first;
    if (first !== undefined) first.before = place;
    this.#slots[slot] = place;
    this.#size++;
    if (this.#timer === undefined || place.tick < this.#timerTick) this.#wake(place.tick);
    return place;
  }

  /** Takes back what `add` gave for `item`. Does nothing when it is over: the place may be another item's by then. */
  remove(place: WheelPlace<T>, item: T): void {
    if (place.item !== item) return;
    place.item = undefined;
    // What is due already is on its way out.
    if (!place.isDue) this.#keep(this.#unlink(place));
  }

  /** Forgets all without a word. */
  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    for (let slot = 0; slot < SLOTS; slot++) {
      for (let place = this.#slots[slot]; place !== undefined; place = place.after) place.item = undefined;
      this.#slots[slot] = undefined;
    }
    this.#size = 0;
  }

  #unlink(place: WheelPlace<T>): WheelPlace<T> {
    const { before, after } = place;
    if (before === undefined) this.#slots[place.tick % SLOTS] = after;
    else before.after = after;
    if (after !== undefined) after.before = before;
    place.before = undefined;
    place.after = undefined;
    this.#size--;
    return place;
  }

  #turn(): void {
    this.#timer = undefined;
    const now = Math.floor(this.#clock.now() / TICK_MS);
    // After a pause each slot is looked at once.
    const from = Math.max(this.#tick + 1, now - SLOTS + 1);
    this.#tick = now;
    let due: WheelPlace<T> | undefined;
    for (let tick = from; tick <= now; tick++) due = this.#collect(tick % SLOTS, now, due);
    try {
      while (due !== undefined) due = this.#expire(due);
    } finally {
      for (; due !== undefined; due = due.after) due.isDue = false;
      if (this.#size > 0) this.#wake(this.#next());
    }
  }

  /** Takes what is due out of a slot and puts it before `due`. */
  #collect(slot: number, now: number, due: WheelPlace<T> | undefined): WheelPlace<T> | undefined {
    let first = due;
    let place = this.#slots[slot];
    while (place !== undefined) {
      const { after } = place;
      if (place.tick <= now) {
        this.#unlink(place);
        place.isDue = true;
        place.after = first;
        first = place;
      }
      place = after;
    }
    return first;
  }

  /** Returns the one after it. */
  #expire(place: WheelPlace<T>): WheelPlace<T> | undefined {
    const { item, after } = place;
    place.isDue = false;
    place.after = undefined;
    this.#keep(place);
    if (item !== undefined) this.#expired(item);
    return after;
  }

  /** The next tick whose slot holds anything; what is in it may be for a later round. */
  #next(): number {
    let tick = this.#tick + 1;
    while (this.#slots[tick % SLOTS] === undefined) tick++;
    return tick;
  }

  #wake(tick: number): void {
    this.#timer?.[Symbol.dispose]();
    this.#timerTick = tick;
    this.#timer = this.#clock.timer(Math.max(0, tick * TICK_MS - this.#clock.now()), this.#turned);
  }

  #take(): WheelPlace<T> {
    const spare = this.#spare;
    if (spare === undefined) return new WheelPlace();
    this.#spare = spare.after;
    this.#spares--;
    spare.after = undefined;
    return spare;
  }

  #keep(place: WheelPlace<T>): void {
    place.item = undefined;
    if (this.#spares >= MAX_SPARE) return;
    place.after = this.#spare;
    this.#spare = place;
    this.#spares++;
  }
}
