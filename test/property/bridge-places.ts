/** The two registries of a bridge as fakes that are reached over a network in memory: their natives, and what mirrors wrote. */
import { curatorEntries } from "../../namers/zookeeper/curator-entry.ts";
import { readSlice } from "../../namers/kubernetes/announced-slice.ts";
import type { ApiObject } from "../../namers/kubernetes/json-fields.ts";
import type { Clock } from "../../src/base/time.ts";
import type { Origin } from "../../src/plugin.ts";
import { curatorJson } from "../fakes/curator-fixture.ts";
import { FakeKubernetes, type Refusal } from "../fakes/kubernetes.ts";
import type { StoredObject } from "../fakes/kubernetes-history.ts";
import { FakeZooKeeper } from "../fakes/zookeeper.ts";
import { sliceObject } from "../servers/kubernetes-objects.ts";
import type { KubeObject } from "../servers/kubernetes-admin.ts";
import type { Native, NativeStore } from "./bridge-natives.ts";

/** What a mirror wrote. */
export interface Mirrored {
  readonly group: string;
  readonly member: string;
  readonly id: string;
  readonly host: string;
  readonly port: number | undefined;
  readonly origin: Origin | undefined;
}

export interface PlaceListener {
  /** It stands no more; `isEnd`: it went with its lease. */
  gone(entry: Mirrored, isEnd: boolean): void;
  stands(entry: Mirrored): void;
  /** Something at home there was changed by another than its owner. */
  touched(what: string): void;
}

/** One registry. */
export interface Place extends NativeStore {
  readonly registry: string;
  readonly accept: FakeZooKeeper["accept"];
  listener: PlaceListener | undefined;
  /** All that mirrors have there now. */
  readonly mirrored: readonly Mirrored[];
  /** Ends all connections. */
  cut(): void;
  lie(lies: boolean): void;
  /** What goes wrong now and then, by chance. */
  readonly spoils: readonly (() => void)[];
  /** Ends what `spoils` began. */
  mend(): void;
  /** Each request fails when this is true. */
  fails: () => boolean;
  [Symbol.asyncDispose](): Promise<void>;
}

export const SERVICES = "/services";
export const NAMESPACE = "shop";
const USERS = `${SERVICES}/users`;
const SYSTEM_ERROR = -1;
const DELETED = 2;

export class ZooKeeperPlace implements Place {
  readonly registry = "zk";
  readonly watchesTell = false;
  readonly fake: FakeZooKeeper;
  readonly accept: FakeZooKeeper["accept"];
  listener: PlaceListener | undefined;
  fails: () => boolean = () => false;
  readonly spoils: readonly (() => void)[];
  readonly #entries = new Map<string, Mirrored>();
  #isOwn = false;

  constructor(clock: Clock) {
    this.fake = FakeZooKeeper.offline(clock);
    this.accept = this.fake.accept;
    this.fake.set(USERS);
    this.fake.changed = (type, path, isEnd) => this.#changed(type, path, isEnd);
    this.fake.spoil = () => (this.fails() ? SYSTEM_ERROR : undefined);
    this.spoils = [() => this.fake.expireSession(), () => this.fake.cutNextFrameAfter(5)];
  }

  get mirrored(): readonly Mirrored[] {
    return [...this.#entries.values()];
  }

  write({ id, host, port, ready }: Native): void {
    this.#owned(() => this.fake.set(`${USERS}/${id}`, curatorJson("users", { id, host, port, ready })));
  }

  erase({ id }: Native): void {
    this.#owned(() => this.fake.remove(`${USERS}/${id}`));
  }

  cut(): void {
    this.fake.cut();
  }

  lie(lies: boolean): void {
    this.fake.liesBelow = lies ? SERVICES : undefined;
  }

  mend(): void {
    // Nothing lasts.
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.fake[Symbol.asyncDispose]();
  }

  #owned(work: () => void): void {
    this.#isOwn = true;
    work();
    this.#isOwn = false;
  }

  #changed(type: number, path: string, isEnd: boolean): void {
    if (!path.startsWith(`${USERS}/`) || this.#isOwn) return;
    const name = path.slice(USERS.length + 1);
    const before = this.#entries.get(path);
    if (!curatorEntries.markIn(name)) return this.listener?.touched(path);
    if (type === DELETED) {
      this.#entries.delete(path);
      // What takes its place in the same transaction is told after it.
      if (before) queueMicrotask(() => this.listener?.gone(before, isEnd));
      return;
    }
    const { instance, mark } = curatorEntries.read(Buffer.from(this.fake.get(path) ?? ""), name) ?? {};
    if (!instance || !mark) return this.listener?.touched(path);
    const { owner, origin, id } = mark;
    const entry = { ...owner, id, host: instance.host, port: instance.port, origin };
    this.#entries.set(path, entry);
    this.listener?.stands(entry);
  }
}

const WRITE_REFUSALS: readonly Refusal[] = [
  { status: 409, reason: "Conflict" },
  { status: 500, reason: "InternalError" },
  { status: 503, reason: "ServiceUnavailable" },
];
const READ_REFUSAL: Refusal = { status: 500, reason: "InternalError" };

export class KubernetesPlace implements Place {
  readonly registry = "k8s";
  readonly watchesTell = true;
  readonly fake: FakeKubernetes;
  readonly accept: FakeKubernetes["accept"];
  listener: PlaceListener | undefined;
  fails: () => boolean = () => false;
  readonly spoils: readonly (() => void)[];
  /** By the slice's name. */
  readonly #slices = new Map<string, readonly Mirrored[]>();
  #isOwn = false;
  #refusals = 0;

  constructor(clock: Clock) {
    this.fake = FakeKubernetes.offline(clock);
    this.accept = this.fake.accept;
    this.fake.changed = ({ type, object }) => this.#changed(object, type === "DELETED");
    this.fake.spoil = (_, verb) => {
      if (!this.fails()) return undefined;
      return verb === "write" ? WRITE_REFUSALS[this.#refusals++ % WRITE_REFUSALS.length] : READ_REFUSAL;
    };
    this.spoils = [
      () => this.fake.history.compact(),
      () => this.fake.endWatches(),
      () => this.fake.errWatches({ status: 410, reason: "Expired" }),
      () => void (this.fake.cutsListsAfter = this.fake.cutsListsAfter === undefined ? 50 : undefined),
    ];
  }

  get mirrored(): readonly Mirrored[] {
    return [...this.#slices.values()].flat();
  }

  write(native: Native): void {
    this.#owned(() => this.fake.put(nativeSlice(native)));
  }

  erase(native: Native): void {
    this.#owned(() => this.fake.remove(nativeSlice(native)));
  }

  cut(): void {
    this.fake.cut();
  }

  lie(lies: boolean): void {
    this.fake.lies = lies;
  }

  mend(): void {
    this.fake.cutsListsAfter = undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.fake.cut();
    return Promise.resolve();
  }

  #owned(work: () => void): void {
    this.#isOwn = true;
    work();
    this.#isOwn = false;
  }

  #changed(object: StoredObject, isDeleted: boolean): void {
    if (object.kind !== "EndpointSlice" || this.#isOwn) return;
    const { name } = object.metadata;
    const slice = readSlice(object as unknown as ApiObject);
    if (!slice) return this.listener?.touched(name);
    const before = this.#slices.get(name) ?? [];
    const { group, member, shape } = slice;
    const [port] = shape.ports;
    const mirrored = slice.entries.map(({ id, address }) => {
      return { group, member, id, host: address, port: port?.port, origin: shape.origin };
    });
    const now = isDeleted ? [] : mirrored;
    this.#slices.set(name, now);
    for (const entry of now) this.listener?.stands(entry);
    for (const entry of before) if (!now.some(({ id }) => id === entry.id)) this.listener?.gone(entry, false);
  }
}

function nativeSlice({ id, host, port, ready }: Native): KubeObject {
  const targetRef = { kind: "Pod", name: id, uid: id };
  const endpoints = [{ addresses: [host], conditions: { ready }, targetRef }];
  return sliceObject({ name: `native-${id}`, namespace: NAMESPACE, service: "users", port, endpoints });
}
