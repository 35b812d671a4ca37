/** What should stand in a registry, beside the registry: it is there again when a wipe is over, and does not say so itself. */

/** What stands of one service, by the instances' ids. */
export type Instances<T> = ReadonlyMap<string, T>;

/** `T` is what a registry writes of one instance. */
export class Registrations<T> {
  #known = new Map<string, Instances<T>>();
  #wiped: ReadonlyMap<string, Instances<T>> = new Map();

  /** What stands then of the service. */
  add(service: string, id: string, instance: T): Instances<T> {
    return this.#set(service, new Map([...this.of(service), [id, instance]]));
  }

  /** What is left then of the service. */
  remove(service: string, id: string): Instances<T> {
    const left = new Map(this.of(service));
    left.delete(id);
    return this.#set(service, left);
  }

  of(service: string): Instances<T> {
    return this.#known.get(service) ?? new Map<string, T>();
  }

  /** All that stood; from now on nothing does, until `restore`. */
  wipe(): ReadonlyMap<string, Instances<T>> {
    this.#wiped = this.#known;
    this.#known = new Map();
    return this.#wiped;
  }

  /** All that stood before the wipe, and stands again. */
  restore(): ReadonlyMap<string, Instances<T>> {
    this.#known = new Map(this.#wiped);
    this.#wiped = new Map();
    return this.#known;
  }

  /** All that stands: to be written again where a server has lost it. */
  get all(): ReadonlyMap<string, Instances<T>> {
    return new Map(this.#known);
  }

  #set(service: string, instances: Instances<T>): Instances<T> {
    if (instances.size === 0) this.#known.delete(service);
    else this.#known.set(service, instances);
    return instances;
  }
}
