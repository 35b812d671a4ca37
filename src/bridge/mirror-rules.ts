/** How a mirror writes: what is published of what the source has, and how slowly what is merely absent goes. */

/** `take` of each `of` ready instances are published, rounded up; which ones moves as little as possible. */
export interface PublishShare {
  readonly take: number;
  readonly of: number;
}

/**
 * What the entries carry as payload. `sibling`: that of a live entry that the target's own users wrote. `template`:
 * `{id}`, `{host}`, `{port}` and `{name}` in its texts stand for the instance's.
 */
export type PayloadRule =
  { readonly kind: "none" } | { readonly kind: "sibling" } | { readonly kind: "template"; readonly template: unknown };

export interface MirrorRules {
  readonly publish: PublishShare;
  readonly payload: PayloadRule;
  /** Publishes what the probe could not reach too; it is told all the same. */
  readonly force: boolean;
  /** Between two looks at source and target as wholes. */
  readonly cycleMs: number;
  /** How many of these looks must agree on what is absent before it is deleted. */
  readonly cycles: number;
  /** The share of the mirror's entries of which absence may delete so many in one cycle; one always may go. */
  readonly deletionShare: number;
  /** What was withdrawn again and again waits so long, doubled each time; 0: it never waits. */
  readonly settleMs: number;
  readonly writesPerSecond: number;
  /** How many targets are written to at one time; what withdraws something by a sign does not wait for its turn. */
  readonly inFlight: number;
  /** How many targets are read at one time: a registry that can lists many at once. */
  readonly readsInFlight: number;
  /** Each target is read in full at least so often. */
  readonly auditMs: number;
  /** What one read, write or probe may take. */
  readonly timeoutMs: number;
}

export const MIRROR_DEFAULTS: MirrorRules = {
  publish: { take: 1, of: 1 },
  payload: { kind: "none" },
  force: false,
  cycleMs: 10_000,
  cycles: 3,
  deletionShare: 0.1,
  settleMs: 2_000,
  writesPerSecond: 1_000,
  inFlight: 16,
  readsInFlight: 128,
  auditMs: 300_000,
  timeoutMs: 10_000,
};
