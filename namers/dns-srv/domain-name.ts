/** What may be asked for by name. */

const LABEL = /^[A-Za-z0-9_-]{1,63}$/;
const MAX_LENGTH = 253;

/** Whether a path's element is a domain name of letters, digits, hyphens and underscores; a dot may stand at its end. */
export function isDomainName(text: string): boolean {
  const bare = text.endsWith(".") ? text.slice(0, -1) : text;
  return bare.length <= MAX_LENGTH && bare.split(".").every((label) => LABEL.test(label));
}
