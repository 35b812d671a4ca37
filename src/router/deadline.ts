/** The time by which a caller wants its answer, as it travels in `l5d-ctx-deadline`. */

const FORM = /^(\d{1,19}) (\d{1,19})$/;
const NS_PER_MS = 1_000_000n;

/** Both are epoch nanoseconds: when the deadline was set, and when it is. */
export class Deadline {
  readonly setAt: bigint;
  readonly at: bigint;

  constructor(setAt: bigint, at: bigint) {
    this.setAt = setAt;
    this.at = at;
  }

  /** Undefined for what does not have the form. */
  static read(text: string): Deadline | undefined {
    const [, setAt, at] = FORM.exec(text) ?? [];
    return setAt === undefined || at === undefined ? undefined : new Deadline(BigInt(setAt), BigInt(at));
  }

  /** Epoch ms. */
  static ofMs(setAtMs: number, atMs: number): Deadline {
    return new Deadline(BigInt(Math.floor(setAtMs)) * NS_PER_MS, BigInt(Math.floor(atMs)) * NS_PER_MS);
  }

  /** The stricter of two: the later setting, the earlier end. */
  combine(other: Deadline): Deadline {
    const setAt = this.setAt > other.setAt ? this.setAt : other.setAt;
    return new Deadline(setAt, this.at < other.at ? this.at : other.at);
  }

  /** Epoch ms. */
  get atMs(): number {
    return Number(this.at / NS_PER_MS);
  }

  get show(): string {
    return `${this.setAt} ${this.at}`;
  }
}

/** As `Deadline.ofMs(setAtMs, atMs).show`, without the big numbers. */
export function showDeadline(setAtMs: number, atMs: number): string {
  return `${Math.floor(setAtMs)}000000 ${Math.floor(atMs)}000000`;
}
