/** Rows of short texts as one text: of each field only what it has not in common with the one above it. */

/** All rows of a text have as many fields. */
export type PackedRow = readonly (string | undefined)[];

/** Between rows, and between the fields of one. */
const BETWEEN = "\n";
const WITHIN = " ";
/** What a field has in common with the one above it is one letter of these, and then comes the rest. */
const DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz";
const MOST_COMMON = DIGITS.length - 1;

/** `undefined` where a field has a mark in it. The same rows have the same text. */
export function packRows(rows: readonly PackedRow[]): string | undefined {
  let above: PackedRow | undefined;
  // Joined at the end: what grows by adding is kept as the many pieces that it is made of.
  const pieces: string[] = [];
  for (const row of rows) {
    const length = above === undefined ? row.length : lengthOfNew(row, above);
    if (above !== undefined) pieces.push(BETWEEN);
    for (let at = 0; at < length; at++) {
      const field = row[at];
      if (at > 0) pieces.push(WITHIN);
      if (field === undefined) continue;
      if (field.includes(BETWEEN) || field.includes(WITHIN)) return undefined;
      const common = commonIn(field, above?.[at]);
      pieces.push(DIGITS[common] as string, field.slice(common));
    }
    above = row;
  }
  return pieces.join("");
}

/** The rows that the text was made of, where the first field of each is there. */
export function unpackRows(text: string): readonly PackedRow[] {
  if (text === "") return [];
  let above: PackedRow = [];
  return text.split(BETWEEN).map((line) => (above = unpacked(line, above)));
}

/** The fields at the end that are those above are not written. */
function lengthOfNew(row: PackedRow, above: PackedRow): number {
  let length = row.length;
  while (length > 1 && row[length - 1] === above[length - 1]) length--;
  return length;
}

function commonIn(field: string, above: string | undefined): number {
  if (above === undefined) return 0;
  const most = Math.min(field.length, above.length, MOST_COMMON);
  let common = 0;
  while (common < most && field.charCodeAt(common) === above.charCodeAt(common)) common++;
  return common;
}

function unpacked(line: string, above: PackedRow): PackedRow {
  const row = above.slice();
  let from = 0;
  for (let at = 0; from <= line.length; at++) {
    const next = line.indexOf(WITHIN, from);
    const to = next < 0 ? line.length : next;
    row[at] = from === to ? undefined : (above[at]?.slice(0, digitAt(line, from)) ?? "") + line.slice(from + 1, to);
    from = to + 1;
  }
  return row;
}

/** Of `DIGITS`. */
function digitAt(line: string, at: number): number {
  const code = line.charCodeAt(at);
  return code < 58 ? code - 48 : code - 87;
}
