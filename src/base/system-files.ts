/** What /etc/hosts and /etc/resolv.conf say, as data. */

/** Host name in lower case to its addresses, in the order of the file. */
export function readHosts(text: string): ReadonlyMap<string, readonly string[]> {
  const hosts = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const [address, ...names] = withoutComment(line, "#").split(/\s+/).filter(Boolean);
    if (address === undefined) continue;
    for (const name of names) {
      const key = name.toLowerCase();
      const known = hosts.get(key);
      if (!known) hosts.set(key, [address]);
      else if (!known.includes(address)) known.push(address);
    }
  }
  return hosts;
}

export interface ResolverFile {
  readonly servers: readonly string[];
  readonly search: readonly string[];
  /** A name with at least so many dots is tried as it is first. */
  readonly ndots: number;
}

/** As resolv.conf(5): of several `search` or `domain` lines the last one counts. */
export function readResolverFile(text: string): ResolverFile {
  const servers: string[] = [];
  let search: readonly string[] = [];
  let ndots = 1;
  for (const line of text.split("\n")) {
    const [key, ...values] = withoutComment(withoutComment(line, "#"), ";").split(/\s+/).filter(Boolean);
    if (key === "nameserver" && values[0] !== undefined) servers.push(values[0]);
    if (key === "search") search = values;
    if (key === "domain") search = values.slice(0, 1);
    if (key !== "options") continue;
    for (const option of values) if (option.startsWith("ndots:")) ndots = Number.parseInt(option.slice(6), 10) || 0;
  }
  return { servers, search, ndots: Math.min(ndots, 15) };
}

/** The full names to ask for, in order. A dot at the end says that the name is full already. */
export function candidates(host: string, { search, ndots }: ResolverFile): readonly string[] {
  if (host.endsWith(".")) return [host.slice(0, -1)];
  const searched = search.map((domain) => `${host}.${domain.replace(/\.$/, "")}`);
  const dots = host.split(".").length - 1;
  return dots >= ndots ? [host, ...searched] : [...searched, host];
}

function withoutComment(line: string, mark: string): string {
  const at = line.indexOf(mark);
  return at < 0 ? line : line.slice(0, at);
}
