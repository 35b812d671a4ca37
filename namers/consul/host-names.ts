/** Gives members that are registered with a host name an address for each of its IPs, and follows those. */
import { isIP } from "node:net";
import type { Clock, Resolver, ServiceMember, ServiceReading } from "linkspan/plugin";

const LEAST_MS = 5_000;
const MOST_MS = 300_000;
/** How long a reading waits for names that were never resolved. */
const PATIENCE_MS = 2_000;

interface Resolved {
  readonly addresses: readonly string[];
  readonly until: number;
}

/** One a service. Readings without host names pass as they are. */
export class HostNames implements Disposable {
  readonly #resolve: Resolver;
  readonly #clock: Clock;
  readonly #heard: (reading: ServiceReading) => void;
  readonly #known = new Map<string, Resolved>();
  readonly #end = new AbortController();
  #timer: Disposable | undefined;
  #turn = 0;

  constructor(resolve: Resolver, clock: Clock, heard: (reading: ServiceReading) => void) {
    this.#resolve = resolve;
    this.#clock = clock;
    this.#heard = heard;
  }

  /** `heard` is called for it at once, or when its names are resolved, unless another is offered before. */
  offer(reading: ServiceReading): void {
    const turn = ++this.#turn;
    this.#timer?.[Symbol.dispose]();
    const names = namesIn(reading);
    for (const name of this.#known.keys()) if (!names.has(name)) this.#known.delete(name);
    if (names.size === 0) return this.#heard(reading);
    if ([...names].every((name) => this.#known.has(name))) this.#heard(this.#expand(reading));
    void this.#refresh(names).then(() => {
      if (turn !== this.#turn || this.#end.signal.aborted) return;
      this.#heard(this.#expand(reading));
      this.#timer = this.#clock.timer(this.#nextIn(names), () => this.offer(reading));
    });
  }

  /** Nothing is heard until the next reading: what the registry said is not confirmed now. */
  pause(): void {
    this.#turn++;
    this.#timer?.[Symbol.dispose]();
  }

  /** The reading as it would be heard now. */
  async expanded(reading: ServiceReading): Promise<ServiceReading> {
    const names = namesIn(reading);
    if (names.size === 0) return reading;
    await this.#refresh(names);
    return this.#expand(reading);
  }

  [Symbol.dispose](): void {
    this.pause();
    this.#end.abort(new Error("the service is not followed any more"));
  }

  /** What cannot be resolved keeps what it had; without that it stays a name, for whoever connects to try. */
  async #refresh(names: ReadonlySet<string>): Promise<void> {
    const late = new AbortController();
    const timer = this.#clock.timer(PATIENCE_MS, () => late.abort(new Error("too late")));
    const signal = AbortSignal.any([late.signal, this.#end.signal]);
    const stopped = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    const one = async (name: string): Promise<void> => {
      const now = this.#clock.now();
      if ((this.#known.get(name)?.until ?? 0) > now) return;
      try {
        const { addresses, ttlMs } = await this.#resolve.addresses(name, signal);
        const until = now + Math.min(MOST_MS, Math.max(LEAST_MS, ttlMs));
        if (addresses.length > 0) this.#known.set(name, { addresses: [...addresses].sort(), until });
      } catch {
        const before = this.#known.get(name)?.addresses ?? [name];
        this.#known.set(name, { addresses: before, until: now + LEAST_MS });
      }
    };
    await Promise.race([Promise.all([...names].map(one)), stopped]);
    timer[Symbol.dispose]();
  }

  #nextIn(names: ReadonlySet<string>): number {
    const now = this.#clock.now();
    const due = [...names].map((name) => (this.#known.get(name)?.until ?? now) - now);
    return Math.max(LEAST_MS, Math.min(...due));
  }

  #expand(reading: ServiceReading): ServiceReading {
    const members = new Map<string, ServiceMember>();
    for (const [key, member] of reading.members ?? []) {
      const { host } = member.address;
      const addresses = this.#known.get(host)?.addresses ?? [host];
      if (isIP(host) !== 0 || addresses[0] === host) members.set(key, member);
      else for (const ip of addresses) members.set(`${key}@${ip}`, at(member, ip));
    }
    return { ...reading, members: reading.members && members };
  }
}

function at({ instance, address }: ServiceMember, host: string): ServiceMember {
  return { instance: { ...instance, id: `${instance.id}@${host}`, host }, address: { ...address, host } };
}

function namesIn({ members }: ServiceReading): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { address } of members?.values() ?? []) if (isIP(address.host) === 0) names.add(address.host);
  return names;
}
