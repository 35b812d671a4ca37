/** Rows of short texts as one text: of each field only what it has not in common with the one above it. */

export type Row = readonly (string | undefined)[];

const BETWEEN = "\n";
const WITHIN = " ";
const MARKS = /[\n ]/;
const NOTHING_MORE = / +$/;
/** What a field has in common with the one above it is one letter of these, and then comes the rest. */
const DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz";
const MOST_COMMON = DIGITS.length - 1;

/** The first field of each is there. `undefined` where one has a mark in it. The same rows have the same text. */
export function packRows(rows: readonly Row[]): string | undefined {
  let above: Row = [];
  const lines: string[] = [];
  for (const row of rows) {
    let line = "";
    for (const [at, field] of row.entries()) {
      if (at > 0) line += WITHIN;
      if (field === undefined) continue;
      if (MARKS.test(field)) return undefined;
      const common = commonIn(field, above[at] ?? "");
      line += (DIGITS[common] as string) + field.slice(common);
    }
    lines.push(line.replace(NOTHING_MORE, ""));
    above = row;
  }
  return lines.join(BETWEEN);
}

/** The rows that the text was made of, without what they had of `undefined` at their ends. */
export function unpackRows(text: string): readonly Row[] {
  if (text === "") return [];
  let above: Row = [];
  return text.split(BETWEEN).map((line) => {
    above = line.split(WITHIN).map((field, at) => unpacked(field, above[at] ?? ""));
    return above;
  });
}

function unpacked(field: string, above: string): string | undefined {
  if (field === "") return undefined;
  return above.slice(0, DIGITS.indexOf(field[0] as string)) + field.slice(1);
}

function commonIn(a: string, b: string): number {
  const most = Math.min(a.length, b.length, MOST_COMMON);
  let common = 0;
  while (common < most && a.charCodeAt(common) === b.charCodeAt(common)) common++;
  return common;
}
