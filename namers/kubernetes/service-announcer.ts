/** Announces instances as Services without a selector and their EndpointSlices. */
import {
  type Announcement,
  type Announcer,
  type Election,
  type Owner,
  Path,
  type PluginContext,
  RefusedAnnouncement,
  Scope,
  type Var,
} from "linkspan/plugin";
import type { PortRule } from "./announced-service.ts";
import { readSlice } from "./announced-slice.ts";
import type { ApiAccess, OpenAccess } from "./api-access.ts";
import { endpointSlicesIn } from "./api-place.ts";
import { ApiWriter } from "./api-writer.ts";
import { LeaseCandidate, type LeaseTimes } from "./lease-candidate.ts";
import { LeaseEnds } from "./lease-ends.ts";
import { type Leadership, leadershipVar } from "./lease-vars.ts";
import { listAll } from "./list.ts";
import { ServiceAnnouncement } from "./service-announcement.ts";
import { GROUP_LABEL, groupLabel, MANAGED_BY, MANAGER } from "./slice-marks.ts";
import { serviceOf, TargetReader } from "./target-reader.ts";

export interface ServiceAnnouncerOptions {
  readonly open: OpenAccess;
  readonly namespace: string;
  /** Of all announcements; otherwise their paths say it. */
  readonly service: string | undefined;
  readonly ports: readonly PortRule[];
  readonly headless: boolean;
  readonly lease?: LeaseTimes;
}

/** Between two looks at whether what was announced still stands, give or take a fifth. */
const KEEP_MS = 60_000;
/** RFC 1035 §2.3.1, as names of Services are. */
const SERVICE = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** A claim, and who needs it. */
interface Shared {
  readonly candidate: LeaseCandidate;
  readonly users: Set<object>;
}

export class ServiceAnnouncer implements Announcer {
  readonly #options: ServiceAnnouncerOptions;
  readonly #context: PluginContext;
  readonly #scope = new Scope();
  readonly #announcements = new Set<ServiceAnnouncement>();
  readonly #elections = new Set<Election>();
  readonly #claims = new Map<string, Shared>();
  readonly #access: ApiAccess;
  readonly #reader: TargetReader;
  readonly #writer: ApiWriter;
  readonly #leaseEnds: LeaseEnds;
  #keeping: Disposable | undefined;

  /** Connects with its first question. */
  constructor(options: ServiceAnnouncerOptions, context: PluginContext) {
    this.#options = options;
    this.#context = context;
    const { clock, random } = context;
    const { namespace } = options;
    const access = this.#scope.own(options.open());
    this.#access = access;
    this.#reader = new TargetReader({ access, namespace, clock, signal: this.#scope.signal });
    this.#writer = new ApiWriter({ access, clock, random });
    this.#leaseEnds = new LeaseEnds({ namespace, writer: this.#writer, clock });
  }

  announce(path: Path, owner: Owner): Announcement {
    const service = this.#serviceAt(path);
    if (service === undefined) return new RefusedAnnouncement(this.#noService(path));
    const { namespace, ports, headless } = this.#options;
    const { candidate, users } = this.#claimOf(owner);
    const announcement = new ServiceAnnouncement({
      wish: { namespace, service, ports, headless, group: owner.group },
      owner,
      reader: this.#reader,
      writer: this.#writer,
      candidate,
      leaseEnds: this.#leaseEnds,
      context: this.#context,
      left: async (each) => {
        this.#announcements.delete(each);
        await this.#leave(owner, each);
      },
    });
    users.add(announcement);
    this.#announcements.add(announcement);
    this.#keeping ??= this.#planKeep();
    return announcement;
  }

  async owned(group: string, signal: AbortSignal): Promise<readonly Path[]> {
    const { namespace } = this.#options;
    const labelSelector = `${MANAGED_BY}=${MANAGER},${GROUP_LABEL}=${groupLabel(group)}`;
    const place = { ...endpointSlicesIn(namespace), selectors: { labelSelector } };
    let services = new Set<string>();
    const begin = (): void => void (services = new Set());
    const { clock } = this.#context;
    const each = (object: Parameters<typeof serviceOf>[0]): void => {
      const slice = readSlice(object);
      const service = serviceOf(object);
      if (service !== undefined && slice?.group === group && slice.entries.length > 0) services.add(service);
    };
    await listAll({ access: this.#access, place, clock, signal, begin, each });
    const found = [...services].sort();
    const { service } = this.#options;
    if (service === undefined) return found.map((name) => Path.of(name));
    return services.has(service) ? [Path.empty] : [];
  }

  elect(owner: Owner): Election {
    const { candidate, users } = this.#claimOf(owner);
    const election: Election = {
      state: leadershipVar(candidate, this.#context.clock) satisfies Var<Leadership>,
      [Symbol.asyncDispose]: async () => {
        if (!this.#elections.delete(election)) return;
        // Announcements that go on claim it again when they write.
        await candidate.resign();
        await this.#leave(owner, election);
      },
    };
    users.add(election);
    this.#elections.add(election);
    return election;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#keeping?.[Symbol.dispose]();
    const ended = await Promise.allSettled([...this.#announcements].map((each) => each[Symbol.asyncDispose]()));
    await Promise.all([...this.#elections].map((each) => each[Symbol.asyncDispose]()));
    await this.#scope.close();
    const errors = ended.flatMap((each) => (each.status === "rejected" ? [each.reason as unknown] : []));
    if (errors.length > 0) throw new AggregateError(errors, "not everything that was announced could be removed");
  }

  #serviceAt(path: Path): string | undefined {
    const { service } = this.#options;
    const name = service === undefined ? path.elems[0] : service;
    const size = service === undefined ? 1 : 0;
    return path.size === size && name !== undefined && SERVICE.test(name) ? name : undefined;
  }

  #noService(path: Path): string {
    const { service } = this.#options;
    if (service !== undefined && path.size > 0) return `${path.show} is to say no Service: \`service\` says ${service}`;
    return `${service ?? path.show} names no Service: that is one element of small letters, digits and hyphens, a letter first`;
  }

  #claimOf(owner: Owner): Shared {
    const key = claimKey(owner);
    const known = this.#claims.get(key);
    if (known) return known;
    const { namespace, lease } = this.#options;
    const { clock, random } = this.#context;
    const times = lease ? { times: lease } : {};
    const candidate = new LeaseCandidate({ namespace, owner, writer: this.#writer, clock, random, ...times });
    const shared = { candidate, users: new Set<object>() };
    this.#claims.set(key, shared);
    return shared;
  }

  async #leave(owner: Owner, user: object): Promise<void> {
    const shared = this.#claims.get(claimKey(owner));
    if (shared?.users.delete(user) !== true || shared.users.size > 0) return;
    this.#claims.delete(claimKey(owner));
    await shared.candidate.resign();
  }

  #planKeep(): Disposable {
    const { clock, random } = this.#context;
    return clock.timer(KEEP_MS * (0.8 + 0.4 * random.next()), () => {
      this.#keeping = this.#planKeep();
      // All at once, so that they share what is read. What cannot be read now is looked at the next time.
      for (const each of this.#announcements) void each.keep(this.#scope.signal).catch(() => undefined);
    });
  }
}

const claimKey = ({ group, member }: Owner): string => JSON.stringify([group, member]);
