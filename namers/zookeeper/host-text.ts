/** Hosts as registries write them. */

/** Without brackets, and without the scope of an IPv6 address, which means something on its own host only. */
export function bareHost(text: string): string {
  const trimmed = text.trim();
  const bare = trimmed.startsWith("[") && trimmed.endsWith("]") ? trimmed.slice(1, -1) : trimmed;
  const scope = bare.indexOf("%");
  return scope > 0 && bare.includes(":") ? bare.slice(0, scope) : bare;
}

export const isPort = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 65_535;
