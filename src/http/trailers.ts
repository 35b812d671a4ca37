/** Which fields may stand in trailers. */

/** What a trailer may not say, for it would come too late or change what was read before (RFC 9110 §6.5.1). */
const late = new Set(
  (
    "transfer-encoding content-length host connection keep-alive proxy-connection te trailer upgrade via expect " +
    "content-encoding content-type content-range cache-control max-forwards range if-match if-none-match " +
    "if-modified-since if-unmodified-since if-range authorization proxy-authenticate proxy-authorization " +
    "www-authenticate cookie set-cookie age date expires location retry-after vary warning pragma"
  ).split(" "),
);

/** Whether a field of that name may be a trailer. */
export const isTrailerName = (lowerName: string): boolean => !late.has(lowerName);
