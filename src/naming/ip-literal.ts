/** IP addresses as the JVM reads them, short forms included: `127.1` is 127.0.0.1. */

/**
 * The address in its usual form, or `undefined` when `host` is a name. The last of up to four decimal parts fills the bytes
 * that are left, as in inet_aton. Anything with a colon is IPv6 as it stands.
 */
export function parseIp(host: string): string | undefined {
  if (host.includes(":")) return host;
  const texts = host.split(".");
  if (texts.length > 4 || !texts.every((text) => /^\d{1,10}$/.test(text))) return undefined;
  const parts = texts.map(Number);
  const last = parts.pop() as number;
  const room = 4 - parts.length;
  if (parts.some((part) => part > 255) || last >= 256 ** room) return undefined;
  const tail = Array.from({ length: room }, (_, at) => Math.floor(last / 256 ** (room - 1 - at)) % 256);
  return [...parts, ...tail].join(".");
}
