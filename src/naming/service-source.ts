/** How a service of a registry is asked about, and what is heard of it. */
import type { Address, AddressSet } from "../base/address.ts";
import type { Reading } from "../base/guard.ts";
import type { Instance } from "../base/instance.ts";
import type { Refusals } from "./refused-entries.ts";

/** What may be called, as its registry records it and as traffic sees it. */
export interface ServiceMember {
  readonly instance: Instance;
  readonly address: Address;
}

/** One full answer of a registry about one service. */
export interface ServiceReading extends Reading<ServiceMember> {
  /** What is registered and is not to be called now: it is shown, and nothing else. */
  readonly withdrawn?: readonly Instance[];
  /** Entries that are left out because they cannot be read, and why: each is counted and told once. */
  readonly refused?: Refusals;
  /** Whether a member of this reading has taken the place of one that is held: that one is not called any more. */
  readonly replaces?: (held: ServiceMember) => boolean;
  /** Of the addresses as a whole, such as `authority`. */
  readonly meta?: Readonly<Record<string, string>>;
  /** What the registry calls this version. */
  readonly revision?: string;
}

/** What is to be believed of one service at one moment. */
export interface ServiceSnapshot {
  /** False when the registry has no such service. */
  readonly exists: boolean;
  readonly instances: readonly Instance[];
  /** Of the instances that may be called. */
  readonly addresses: AddressSet;
}

/** What a source tells of the service that it follows. */
export interface ServiceListener {
  heard(reading: ServiceReading): void;
  /** It could not be asked: what was heard last stays, stale. */
  failed(cause: Error): void;
}

/** How a registry is asked about one service. */
export interface ServiceSource {
  /** Tells every full answer and every failure, until what it returns is disposed. */
  follow(listener: ServiceListener): Disposable;
  /** The second look at a loss, on a connection that is newer than the question. Rejects when it cannot. */
  confirm(signal: AbortSignal): Promise<ServiceReading>;
}
