/** The path of a request's target, cut into its segments as they stand. */

/** Without the query; a target that does not begin with `/` has none. */
export function segmentsOf(target: string): string[] {
  if (target.charCodeAt(0) !== SLASH) return [];
  return target.slice(1, endOfPath(target)).split("/");
}

/** Where the query begins, or the length. */
export function endOfPath(target: string): number {
  const query = target.indexOf("?");
  return query < 0 ? target.length : query;
}

const SLASH = 0x2f;
