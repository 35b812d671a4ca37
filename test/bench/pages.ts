/** Where docs/bench.md shows what was found: between two comments for each mode. */

/** `page` with the tables of a mode in their place; throws when it has no place for them. */
export function withTables(page: string, mode: string, tables: string): string {
  const begin = `<!-- bench:${mode}:begin -->`;
  const end = `<!-- bench:${mode}:end -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the page has no ${begin} before ${end}`);
  return `${page.slice(0, from + begin.length)}\n\n${tables}\n\n${page.slice(to)}`;
}
