/** Ids of instances, as long as those are that libraries make. */
import { createHash } from "node:crypto";

/** In the form of a UUID, and always the same. */
export function instanceId(service: string, n: number): string {
  const hex = createHash("sha256").update(`${service} ${n}`).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}
