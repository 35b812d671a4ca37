/**
 * What a plain YAML scalar is. Neither YAML 1.1 nor 1.2: the rules that Linkerd 1 files were written under, where a
 * leading zero is decimal and `yes` is true.
 */

const TRUE = /^(?:true|True|TRUE|yes|Yes|YES|on|On|ON)$/;
const FALSE = /^(?:false|False|FALSE|no|No|NO|off|Off|OFF)$/;
const NULL = /^(?:~|null|Null|NULL|)$/;
const INTEGER = /^[-+]?\d[\d_]*$/;
const FLOAT = /^(?:[-+]?\d[\d_]*\.[\d_]*(?:[eE][-+]?\d+)?|[-+]?\d[\d_]*[eE][-+]?\d+|[-+]?\.\d[\d_]*(?:[eE][-+]?\d+)?)$/;
const NO_NUMBER = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

/** Types an unquoted scalar. Infinities and NaN come as NaN, which no number field takes. */
export function typePlainScalar(text: string): string | number | boolean | null {
  if (NULL.test(text)) return null;
  if (TRUE.test(text)) return true;
  if (FALSE.test(text)) return false;
  if (INTEGER.test(text) || FLOAT.test(text)) return Number(text.replaceAll("_", ""));
  return NO_NUMBER.test(text) ? Number.NaN : text;
}

/** Why a scalar that was read as a number or a boolean may surprise who knows YAML 1.1 or 1.2. */
export function surpriseIn(text: string, value: number | boolean): string | undefined {
  if (text === "") return undefined;
  if (typeof value === "boolean") {
    return /^(?:true|false)$/i.test(text) ? undefined : `\`${text}\` is read as ${value}; YAML 1.2 reads a text`;
  }
  if (OCTAL.test(text)) return `\`${text}\` is read as ${value}; YAML 1.1 reads an octal number`;
  return text.includes("_") ? `\`${text}\` is read as ${value}; YAML 1.2 reads a text` : undefined;
}

const OCTAL = /^[-+]?0[0-9_]*[0-7]$/;

/** The same of one that was typed as a number or a boolean where a text is wanted, so that its letters count. */
export function surpriseInLetters(text: string, value: number | boolean): string | undefined {
  if (text === String(value)) return undefined;
  return `the letters \`${text}\` are meant; other readers read ${Number.isNaN(value) ? "no number" : String(value)}`;
}

const TEXTS: readonly (readonly [RegExp, string])[] = [
  [/^[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/, "YAML 1.1 reads a number to the base of 60"],
  [/^[-+]?0x[0-9a-fA-F_]+$/, "YAML 1.1 and 1.2 read a hexadecimal number"],
  [/^0o[0-7]+$/, "YAML 1.2 reads an octal number"],
  [/^[-+]?0b[01_]+$/, "YAML 1.1 reads a binary number"],
  [/^\d{4}-\d\d?-\d\d?(?:[Tt ].*)?$/, "YAML 1.1 reads a date"],
  [/^[yYnN]$/, "YAML 1.1 reads a boolean"],
];

/** The same of one that is a text here, whatever is wanted. */
export function surpriseInText(text: string): string | undefined {
  // No other can be meant, and most texts are longer.
  if (text.length > 40 || !/^[-+0-9yYnN]/.test(text)) return undefined;
  const reads = TEXTS.find(([pattern]) => pattern.test(text))?.[1];
  return reads === undefined ? undefined : `\`${text}\` is read as a text; ${reads}`;
}
