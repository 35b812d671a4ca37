/** The reason phrases of the statuses that are made here (RFC 9110 §15). */

const reasons = new Map([
  [100, "Continue"],
  [102, "Processing"],
  [103, "Early Hints"],
  [200, "OK"],
  [204, "No Content"],
  [400, "Bad Request"],
  [403, "Forbidden"],
  [404, "Not Found"],
  [405, "Method Not Allowed"],
  [408, "Request Timeout"],
  [413, "Content Too Large"],
  [414, "URI Too Long"],
  [417, "Expectation Failed"],
  [429, "Too Many Requests"],
  [431, "Request Header Fields Too Large"],
  [500, "Internal Server Error"],
  [501, "Not Implemented"],
  [502, "Bad Gateway"],
  [503, "Service Unavailable"],
  [504, "Gateway Timeout"],
  [505, "HTTP Version Not Supported"],
]);

/** Empty for a status without one here: the phrase may be. */
export const reasonOf = (status: number): string => reasons.get(status) ?? "";
