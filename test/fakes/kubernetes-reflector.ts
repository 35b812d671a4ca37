/** A reflector over a fake API server, and what it tells. */
import { plainAccess } from "../../namers/kubernetes/api-access.ts";
import { endpointsIn, endpointSlicesIn } from "../../namers/kubernetes/api-place.ts";
import { Spots } from "../../namers/kubernetes/endpoint.ts";
import { EndpointsKeeper, type ServiceGroups, SliceKeeper } from "../../namers/kubernetes/endpoint-group.ts";
import { Reflector, type ReflectorTimes, USUAL_TIMES } from "../../namers/kubernetes/reflector.ts";
import { Turns } from "../../namers/kubernetes/turns.ts";
import type { Clock } from "../../src/base/time.ts";
import { CountingClock } from "../../src/testing/counting-clock.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import { sliceObject } from "../servers/kubernetes-objects.ts";
import { FakeKubernetes } from "./kubernetes.ts";

export const NAMESPACE = "shop";

/** A slice `name` of the service `users` that says the address. */
export const slice = (name: string, address: string, service = "users") =>
  sliceObject({
    name,
    namespace: NAMESPACE,
    service,
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
  });

export interface ReflectorLab extends AsyncDisposable {
  readonly server: FakeKubernetes;
  readonly reflector: Reflector<ServiceGroups>;
  /** `service address` of every endpoint that is known, sorted and joined. */
  readonly view: string;
  /** What it told beside changes: `settled`, `well`, `failed WHY`, `expired`, `repaired N`, `unreadable KEY`. */
  readonly told: string[];
}

export async function reflectorLab(
  options: {
    readonly clock?: Clock;
    readonly times?: Partial<ReflectorTimes>;
    readonly server?: FakeKubernetes;
    /** Where the server is reached, if not at its own port. */
    readonly port?: number;
    /** Whether somebody asks all the time if the server is there; true if it is not said. */
    readonly isProbed?: boolean;
  } = {},
): Promise<ReflectorLab> {
  const server = options.server ?? (await FakeKubernetes.start());
  const context = testContext({ clock: options.clock ?? new CountingClock() });
  const plain = plainAccess({ host: "127.0.0.1", port: options.port ?? server.port }, context);
  const access = { ...plain, isProbed: options.isProbed ?? true };
  const known = new Set<ServiceGroups>();
  const told: string[] = [];
  const spots = new Spots();
  const reflector = new Reflector<ServiceGroups>({
    access,
    resources: [
      withPlace(endpointSlicesIn(NAMESPACE), new SliceKeeper(undefined, spots)),
      withPlace(endpointsIn(NAMESPACE), new EndpointsKeeper(undefined, spots, () => undefined)),
    ],
    turns: new Turns(4),
    clock: context.clock,
    random: context.random,
    times: { ...USUAL_TIMES, graceMs: 100, ...options.times },
    listener: {
      changed(before, now) {
        if (before) known.delete(before);
        if (now) known.add(now);
      },
      settled: () => void told.push("settled"),
      well: () => void told.push("well"),
      failed: (cause) => void told.push(`failed ${cause.message}`),
      expired: () => void told.push("expired"),
      repaired: (count) => void told.push(`repaired ${count}`),
      unreadable: (key) => void told.push(`unreadable ${key}`),
      readable: () => undefined,
    },
  });
  return {
    server,
    reflector,
    told,
    get view() {
      return [...known].flatMap(addresses).sort().join();
    },
    async [Symbol.asyncDispose]() {
      reflector[Symbol.dispose]();
      await access[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

function withPlace<P, K extends object>(place: P, keeper: K): K & { readonly place: P } {
  return Object.assign(keeper, { place });
}

const addresses = ({ service, groups }: ServiceGroups): readonly string[] =>
  groups.flatMap(({ endpoints }) => endpoints.map(({ host }) => `${service} ${host}`));
