/** Reads what stands at targets, in full: few by themselves, and many at once as one list of their namespace. */
import type { Clock } from "linkspan/plugin";
import type { ApiAccess } from "./api-access.ts";
import { type ApiPlace, endpointSlicesIn, onlyOf, servicesIn } from "./api-place.ts";
import { type ApiObject, fieldsOf, metadataOf, textOf } from "./json-fields.ts";
import { listAll } from "./list.ts";
import { SERVICE_NAME } from "./slice-marks.ts";

/** What stands at one target. */
export interface TargetObjects {
  readonly service: ApiObject | undefined;
  readonly slices: readonly ApiObject[];
}

/** Above it a list of the namespace is cheaper than so many of single Services. */
const FEW = 8;

interface Asked {
  readonly service: string;
  readonly signal: AbortSignal;
  resolve(objects: TargetObjects): void;
  reject(error: Error): void;
}

export interface TargetReaderOptions {
  readonly access: ApiAccess;
  readonly namespace: string;
  readonly clock: Clock;
  /** Ends what many wait for. */
  readonly signal: AbortSignal;
}

export class TargetReader {
  readonly #options: TargetReaderOptions;
  readonly #line: Asked[] = [];
  #isReading = false;

  constructor(options: TargetReaderOptions) {
    this.#options = options;
  }

  /** What it gives was read after it was called. The line has as many places as there are announcements. */
  read(service: string, signal: AbortSignal): Promise<TargetObjects> {
    const { promise, resolve, reject } = Promise.withResolvers<TargetObjects>();
    // What many wait for goes on for the others.
    const leave = (): void => reject(signal.reason as Error);
    if (signal.aborted) leave();
    signal.addEventListener("abort", leave, { once: true });
    this.#line.push({ service, signal, resolve, reject });
    if (!this.#isReading) void this.#readAll();
    return promise.finally(() => signal.removeEventListener("abort", leave));
  }

  async #readAll(): Promise<void> {
    this.#isReading = true;
    // Those who ask in the same turn are read together.
    await Promise.resolve();
    while (this.#line.length > 0) {
      const asked = this.#line.splice(0).filter(({ signal }) => !signal.aborted);
      if (asked.length > FEW) await this.#readTogether(asked);
      else await Promise.all(asked.map((each) => this.#readOne(each)));
    }
    this.#isReading = false;
  }

  async #readOne({ service, signal, resolve, reject }: Asked): Promise<void> {
    const { namespace } = this.#options;
    try {
      const [services, slices] = await Promise.all([
        this.#list(onlyOf(servicesIn(namespace), service), signal),
        this.#list(onlyOf(endpointSlicesIn(namespace), service), signal),
      ]);
      resolve({ service: services[0], slices });
    } catch (error) {
      reject(error as Error);
    }
  }

  async #readTogether(asked: readonly Asked[]): Promise<void> {
    const { namespace, signal } = this.#options;
    try {
      const wanted = new Map(asked.map(({ service }) => [service, found()]));
      const isWanted = (name: string | undefined): boolean => name !== undefined && wanted.has(name);
      const [services, slices] = await Promise.all([
        this.#list(servicesIn(namespace), signal, (each) => isWanted(nameOf(each))),
        this.#list(endpointSlicesIn(namespace), signal, (each) => isWanted(serviceOf(each))),
      ]);
      for (const each of services) (wanted.get(nameOf(each) ?? "") ?? found()).service = each;
      for (const each of slices) wanted.get(serviceOf(each) ?? "")?.slices.push(each);
      for (const { service, resolve } of asked) resolve(wanted.get(service) ?? found());
    } catch (error) {
      for (const { reject } of asked) reject(error as Error);
    }
  }

  async #list(
    place: ApiPlace,
    signal: AbortSignal,
    isWanted: (object: ApiObject) => boolean = () => true,
  ): Promise<readonly ApiObject[]> {
    const { access, clock } = this.#options;
    let objects: ApiObject[] = [];
    const begin = (): void => void (objects = []);
    const each = (object: ApiObject): void => void (isWanted(object) && objects.push(object));
    await listAll({ access, place, clock, signal, begin, each });
    return objects;
  }
}

const found = (): { service: ApiObject | undefined; slices: ApiObject[] } => ({ service: undefined, slices: [] });

export const nameOf = (object: ApiObject): string | undefined => textOf(metadataOf(object)["name"]);

/** Of a slice. */
export const serviceOf = (object: ApiObject): string | undefined =>
  textOf(fieldsOf(metadataOf(object)["labels"])[SERVICE_NAME]);
