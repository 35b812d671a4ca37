/** The bytes that RFC 9110 and RFC 3986 allow where, as tables, so that each byte is looked at once. */

/** For a byte of a token its lower-case code, 0 for every other byte (RFC 9110 §5.6.2). */
export const TOKEN = new Uint8Array(256);
/** 1 for what a field value may hold: HTAB, SP, VCHAR, obs-text (RFC 9110 §5.5). */
export const VALUE = new Uint8Array(256);

for (const letter of "abcdefghijklmnopqrstuvwxyz") {
  TOKEN[letter.charCodeAt(0)] = letter.charCodeAt(0);
  TOKEN[letter.toUpperCase().charCodeAt(0)] = letter.charCodeAt(0);
}
for (const sign of "0123456789!#$%&'*+-.^_`|~") TOKEN[sign.charCodeAt(0)] = sign.charCodeAt(0);
for (let byte = 0x20; byte < 256; byte++) VALUE[byte] = byte === 0x7f ? 0 : 1;
VALUE[0x09] = 1;

export const CR = 13;
export const LF = 10;
export const SP = 32;
export const HTAB = 9;
export const COLON = 58;

export function isToken(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 255 || TOKEN[code] === 0) return false;
  }
  return text.length > 0;
}

/** Whether `text` may stand as a field value. A code above 255 would be cut to a byte on its way, so it may not. */
export function isFieldValue(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 255 || VALUE[code] === 0) return false;
  }
  return true;
}

/** Without the optional whitespace around it (RFC 9110 §5.6.3); nothing else is white here. */
export function trimOws(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isOws(text.charCodeAt(from))) from++;
  while (to > from && isOws(text.charCodeAt(to - 1))) to--;
  return from === 0 && to === text.length ? text : text.slice(from, to);
}

export const isOws = (code: number): boolean => code === SP || code === HTAB;

/** 15 digits: every such number is exact as a double. */
const MAX_LENGTH_DIGITS = 15;

/** A decimal number, or -1 for any other text. */
export function decimal(text: string): number {
  if (text.length === 0 || text.length > MAX_LENGTH_DIGITS) return -1;
  let value = 0;
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
