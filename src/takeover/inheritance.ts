/** The listening sockets that this process was started with, and who gets them. */

/** As one process tells the next: descriptors of that next one, by the place that its configuration names. */
export interface Estate {
  /** By the name of the server's place; each descriptor is a listening socket of its own. */
  readonly servers: readonly (readonly [place: string, fds: readonly number[]])[];
  readonly admin?: number;
}

/** Where the description of what is inherited stands. */
export const ESTATE_VARIABLE = "LINKSPAN_INHERITED";

/** `ip:port` as configured; of servers at any port the one with that number among all. */
export const placeName = (ip: string, port: number, at: number): string =>
  port === 0 ? `${ip}:0, server ${at}` : `${ip}:${port}`;

/** Each socket is given away once: a worker that takes the place of another opens its own. */
export class Inheritance {
  readonly #servers = new Map<string, number[]>();
  readonly #known: ReadonlySet<string>;
  #admin: number | undefined;

  constructor(estate: Estate) {
    for (const [place, fds] of estate.servers) {
      this.#servers.set(place, [...(this.#servers.get(place) ?? []), ...fds]);
    }
    this.#known = new Set(this.#servers.keys());
    this.#admin = estate.admin;
  }

  /** Whether anything was inherited for that place, given away or not. */
  knows(place: string): boolean {
    return this.#known.has(place);
  }

  /**
   * The sockets of a place, dealt out among `workers`: none is left over, since closing one loses the connections that
   * wait in its queue. A worker may get none.
   */
  deal(place: string, workers: number): readonly (readonly number[])[] {
    const hands: number[][] = Array.from({ length: workers }, () => []);
    const fds = this.#servers.get(place) ?? [];
    this.#servers.delete(place);
    for (const [at, fd] of fds.entries()) hands[at % workers]?.push(fd);
    return hands;
  }

  takeAdmin(): number | undefined {
    const fd = this.#admin;
    this.#admin = undefined;
    return fd;
  }

  /** The places of sockets that nobody took, with their descriptors. */
  leftOver(): readonly (readonly [place: string, fds: readonly number[]])[] {
    return [...this.#servers];
  }
}

/** Throws an Error where the text is not what a linkspan wrote. */
export function readEstate(text: string): Estate {
  const { servers, admin } = JSON.parse(text) as Partial<Estate>;
  const isDescriptor = (fd: unknown): boolean => Number.isInteger(fd) && (fd as number) > 2;
  const isServer = (entry: unknown): boolean =>
    Array.isArray(entry) && typeof entry[0] === "string" && Array.isArray(entry[1]) && entry[1].every(isDescriptor);
  if (!Array.isArray(servers) || !servers.every(isServer)) throw new Error(`${ESTATE_VARIABLE} lists no sockets`);
  if (admin !== undefined && !isDescriptor(admin)) throw new Error(`${ESTATE_VARIABLE} names no admin socket`);
  return { servers, ...(admin === undefined ? {} : { admin }) };
}
