/** Takes away all that a mirror's group has published, target by target, in bounded batches. */
import type { Announcement, EntryOutcome, Standing, StandingEntry } from "../naming/announcer.ts";
import type { Path } from "../naming/path.ts";
import type { MirrorParts } from "./mirror-parts.ts";
import type { AppliedWrite } from "./mirror-plan.ts";
import type { MirrorRules } from "./mirror-rules.ts";
import { timeLimited } from "./time-limited.ts";
import { WritePace } from "./write-pace.ts";

const AT_ONCE = 500;

/** Rejects when not all targets could be listed and read, after those that could are done with, or `signal` aborts. */
export async function withdrawAll(
  parts: MirrorParts,
  rules: MirrorRules,
  signal: AbortSignal,
): Promise<readonly AppliedWrite[]> {
  const { announcer, owner, clock } = parts;
  const pace = new WritePace(clock, rules.writesPerSecond);
  const list = (limit: AbortSignal): Promise<readonly Path[]> => announcer.owned(owner.group, limit);
  const writes: AppliedWrite[] = [];
  const errors: unknown[] = [];
  for (const target of await timeLimited(clock, rules.timeoutMs, signal, list)) {
    try {
      writes.push(...(await withdrawAt(target, { parts, rules, signal, pace })));
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, "not everything could be withdrawn");
  return writes;
}

interface Withdrawal {
  readonly parts: MirrorParts;
  readonly rules: MirrorRules;
  readonly signal: AbortSignal;
  readonly pace: WritePace;
}

async function withdrawAt(target: Path, { parts, rules, signal, pace }: Withdrawal): Promise<readonly AppliedWrite[]> {
  const { announcer, owner, clock } = parts;
  const announcement = announcer.announce(target, owner);
  const writes: AppliedWrite[] = [];
  try {
    const read = (limit: AbortSignal): Promise<Standing> => announcement.standing(limit);
    const { entries } = await timeLimited(clock, rules.timeoutMs, signal, read);
    const own = entries.filter(({ group }) => group === owner.group);
    for (let at = 0; at < own.length; at += AT_ONCE) {
      const batch = own.slice(at, at + AT_ONCE);
      await pace.ready(signal);
      pace.spend(batch.length);
      const outcomes = await timeLimited(clock, rules.timeoutMs, signal, (limit) =>
        removed(announcement, batch, limit),
      );
      writes.push(...batch.map((entry, place) => appliedOf(target, entry, outcomes[place])));
    }
  } finally {
    // It put nothing; a registry may have to clear away what held the entries, such as a Service.
    await announcement[Symbol.asyncDispose]();
  }
  return writes;
}

const removed = (
  announcement: Announcement,
  batch: readonly StandingEntry[],
  signal: AbortSignal,
): Promise<readonly EntryOutcome[]> =>
  announcement.write(
    batch.map(({ key }) => ({ op: "remove", key })),
    signal,
  );

function appliedOf(target: Path, { instance }: StandingEntry, outcome: EntryOutcome | undefined): AppliedWrite {
  const tag = outcome?.tag ?? "failed";
  const cause = outcome?.tag === "done" ? undefined : outcome?.cause;
  const about = { target: target.show, op: "remove", id: instance.id, outcome: tag } as const;
  return cause === undefined ? about : { ...about, cause };
}
