/** The host of a `Host` header: in lower case, without its port. */

/** Empty where the value names none. What is in lower case and has no port is given back as it is. */
export function hostOf(value: string): string {
  // The colons of an IPv6 address stand in brackets; the port's comes after them.
  const colon = value.lastIndexOf(":");
  const host = colon < 0 || colon < value.lastIndexOf("]") ? value : value.slice(0, colon);
  return host.toLowerCase();
}
