/** Rows of short texts as one text: of each field only what it has not in common with the one above it. */

/** All rows of a text have as many fields. */
export type PackedRow = readonly (string | undefined)[];

/** Between rows, and between the fields of one. */
const BETWEEN = "\n";
const WITHIN = " ";
const MARKS = /[\n ]/;
/** What a field has in common with the one above it is one letter of these, and then comes the rest. */
const DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz";
const MOST_COMMON = DIGITS.length - 1;

/** `undefined` where a field has a mark in it. The same rows have the same text. */
export function packRows(rows: readonly PackedRow[]): string | undefined {
  let above: PackedRow | undefined;
  const lines: string[] = [];
  for (const row of rows) {
    const fields: string[] = [];
    const length = above === undefined ? row.length : lengthOfNew(row, above);
    for (let at = 0; at < length; at++) {
      const field = row[at];
      if (field !== undefined && MARKS.test(field)) return undefined;
      fields.push(packed(field, above?.[at] ?? ""));
    }
    lines.push(fields.join(WITHIN));
    above = row;
  }
  return lines.join(BETWEEN);
}

/** The rows that the text was made of, where the first field of each is there. */
export function unpackRows(text: string): readonly PackedRow[] {
  if (text === "") return [];
  let above: PackedRow = [];
  return text.split(BETWEEN).map((line) => {
    const fields = line.split(WITHIN);
    above = fields.map((field, at) => unpacked(field, above[at] ?? "")).concat(above.slice(fields.length));
    return above;
  });
}

/** The fields at the end that are those above are not written. */
function lengthOfNew(row: PackedRow, above: PackedRow): number {
  let length = row.length;
  while (length > 1 && row[length - 1] === above[length - 1]) length--;
  return length;
}

function packed(field: string | undefined, above: string): string {
  if (field === undefined) return "";
  const most = Math.min(field.length, above.length, MOST_COMMON);
  let common = 0;
  while (common < most && field.charCodeAt(common) === above.charCodeAt(common)) common++;
  return (DIGITS[common] as string) + field.slice(common);
}

function unpacked(field: string, above: string): string | undefined {
  if (field === "") return undefined;
  return above.slice(0, DIGITS.indexOf(field[0] as string)) + field.slice(1);
}
