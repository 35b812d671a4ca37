/** The time that a gRPC caller gives its call, as it travels in `grpc-timeout`. */

/** At most eight digits and a unit, and nothing else (gRPC over HTTP/2, "Timeout"). */
const FORM = /^(\d{1,8})([HMSmun])$/;

const MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 };

/** In ms; undefined for what does not have the form. */
export function readGrpcTimeout(text: string): number | undefined {
  const [, digits, unit = ""] = FORM.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * (MS[unit] as number);
}

const MOST = 99_999_999;

/** Of `ms` that are left, in the finest unit that eight digits hold; never more than that, so that nobody gets more time. */
export function showGrpcTimeout(ms: number): string {
  const micros = Math.floor(ms * 1_000);
  if (micros <= MOST) return `${Math.max(0, micros)}u`;
  const whole = Math.floor(ms);
  if (whole <= MOST) return `${whole}m`;
  return `${Math.min(MOST, Math.floor(ms / 1_000))}S`;
}
