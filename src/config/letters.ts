/** Finds the place in a file of each letter of a scalar that was quoted, folded or indented there. */

/**
 * The places of the letters that are not white space; line folding and indentation only add and take white space, so
 * these are the same, in the same order, in the file and in the value.
 */
export function blackLetters(raw: string, start: number, quote: "" | "'" | '"'): readonly number[] {
  const places: number[] = [];
  for (let at = 0; at < raw.length;) {
    const length = quote === "" ? 1 : quotedLength(raw, at, quote);
    const units = quote === '"' && raw[at] === "\\" ? escapedUnits(raw, at) : blackUnits(raw, at);
    for (let unit = 0; unit < units; unit++) places.push(start + at);
    at += length;
  }
  return places;
}

/** Makes the function from an offset in `text` to a place in the file. */
export function locator(
  text: string,
  places: readonly number[],
  start: number,
  end: number,
): (offset: number) => number {
  let indexes: Uint32Array | undefined;
  return (offset) => {
    if (text.length === 0 || offset < 0) return start;
    indexes ??= blackIndexes(text);
    const index = indexes[Math.min(offset, text.length)] ?? 0;
    const isBlack = offset < text.length && !isWhite(text.charCodeAt(offset));
    const place = isBlack ? places[index] : afterLetter(places, index - 1);
    return place ?? (isBlack ? end : start);
  };
}

/** How a letter that cannot be seen is named: `U+00A0`. */
export function codePoint(point: number): string {
  return `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
}

function afterLetter(places: readonly number[], index: number): number | undefined {
  const place = places[index];
  return place === undefined ? undefined : place + 1;
}

/** For each offset how many letters that are not white space come before it. */
function blackIndexes(text: string): Uint32Array {
  const indexes = new Uint32Array(text.length + 1);
  for (let at = 0; at < text.length; at++) {
    indexes[at + 1] = (indexes[at] ?? 0) + (isWhite(text.charCodeAt(at)) ? 0 : 1);
  }
  return indexes;
}

function blackUnits(raw: string, at: number): number {
  return isWhite(raw.charCodeAt(at)) ? 0 : 1;
}

function quotedLength(raw: string, at: number, quote: string): number {
  if (quote === "'") return raw.startsWith("''", at) ? 2 : 1;
  if (raw[at] !== "\\") return 1;
  const digits = { x: 2, u: 4, U: 8 }[raw[at + 1] ?? ""] ?? 0;
  return 2 + digits;
}

function escapedUnits(raw: string, at: number): number {
  const code = raw[at + 1] ?? "";
  const digits = { x: 2, u: 4, U: 8 }[code];
  if (digits === undefined) return isWhiteEscape(code) ? 0 : 1;
  const point = Number.parseInt(raw.slice(at + 2, at + 2 + digits), 16);
  if (!Number.isFinite(point) || point > 0x10_ffff) return 1;
  const char = String.fromCodePoint(point);
  return char.length === 2 ? 2 : blackUnits(char, 0);
}

/** Whether the escape stands for a letter that `isWhite` calls white. */
function isWhiteEscape(code: string): boolean {
  return "\n\rtnr \t".includes(code);
}

function isWhite(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}
