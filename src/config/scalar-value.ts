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
  if (/^[-+]?0[0-9_]*[0-7]$/.test(text)) return `\`${text}\` is read as ${value}; YAML 1.1 reads an octal number`;
  return text.includes("_") ? `\`${text}\` is read as ${value}; YAML 1.2 reads a text` : undefined;
}
