/** Records that say the same, kept as one object: what is known of where an endpoint runs is the same for many. */

export type TextRecord = Readonly<Record<string, string>>;

/** Past so many it forgets all: records that are nearly all different are not worth a table. */
const MOST = 20_000;

export class SharedRecords {
  readonly #known = new Map<string, TextRecord>();

  /** `record`, or one before it that has the same fields in the same order. */
  readonly of = (record: TextRecord): TextRecord => {
    const key = JSON.stringify(record);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size >= MOST) this.#known.clear();
    this.#known.set(key, record);
    return record;
  };
}
