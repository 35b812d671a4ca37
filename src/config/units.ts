/** Durations and sizes as people write them. */

const MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const BYTES = { B: 1, KB: 1000, MB: 1_000_000, GB: 1e9, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;

/** `2s`, `500ms`, `1.5m`, `7d` in ms; `undefined` for anything else. */
export function parseDuration(text: string): number | undefined {
  return parseUnit(text, /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/, MS);
}

/** `16KiB`, `8MB`, `100B` in bytes; `undefined` for anything else. */
export function parseSize(text: string): number | undefined {
  return parseUnit(text, /^(\d+(?:\.\d+)?)(B|KB|MB|GB|KiB|MiB|GiB)$/, BYTES);
}

function parseUnit(text: string, pattern: RegExp, units: Readonly<Record<string, number>>): number | undefined {
  const match = pattern.exec(text);
  const factor = units[match?.[2] ?? ""];
  return match && factor !== undefined ? Math.round(Number(match[1]) * factor) : undefined;
}

/** In the largest unit of which it is a whole number: `10m`, `90s`, `1500ms`. `parseDuration` reads it as that many ms. */
export function showDuration(ms: number): string {
  if (ms === 0) return "0s";
  const units = Object.entries(MS);
  const [unit, factor] = units.findLast((each) => ms % each[1] === 0) ?? ["ms", 1];
  return `${ms / factor}${unit}`;
}
