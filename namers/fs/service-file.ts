/** The text of a service file: one `host port [* weight]` a line. */
import { isIP } from "node:net";
import { type Address, AddressSet } from "linkspan/plugin";

/** Linkerd 1 refuses larger files, which are never what was meant. */
export const LARGEST_FILE_BYTES = 500_000;

const LINE = /^(\S+)\s+(\d{1,5})(?:\s+\*\s+(\d+\.?\d*|\.\d+))?$/;
const SHORT_IPV4 = /^\d+(?:\.\d+){0,2}$/;

/** Comments begin with `#`. One line that cannot be read spoils the file: throws an Error that quotes the line. */
export function readServiceFile(text: string): AddressSet {
  const addresses: Address[] = [];
  for (const line of text.split("\n")) {
    const content = withoutComment(line).trim();
    if (content !== "") addresses.push(readLine(content));
  }
  return AddressSet.of(addresses);
}

/**
 * Whether `text` looks like what a writer or a full disk left of `before`: nothing at all, or its beginning up to the
 * middle of a line. A line fewer, or all of them made comments, is an edit.
 */
export function isCutShort(text: string, before: string): boolean {
  if (text.trim() === "") return before.trim() !== "";
  if (text.endsWith("\n") || text.length >= before.length || !before.startsWith(text)) return false;
  return before[text.length] !== "\n" && before[text.length] !== "\r";
}

function readLine(line: string): Address {
  const [, host = "", port = "", weight] = LINE.exec(line) ?? [];
  const number = Number(port);
  if (host === "" || number < 1 || number > 65_535) throw new Error(`malformed address: ${line}`);
  return { host: plainHost(host), port: number, weight: weight === undefined ? 1 : Number(weight) };
}

function withoutComment(line: string): string {
  const at = line.indexOf("#");
  return at < 0 ? line : line.slice(0, at);
}

/** An IPv6 literal loses its brackets, and `127.1` is written out as Java's resolver reads it. */
function plainHost(host: string): string {
  if (host.startsWith("[") && host.endsWith("]") && isIP(host.slice(1, -1)) === 6) return host.slice(1, -1);
  return SHORT_IPV4.test(host) ? (URL.parse(`http://${host}`)?.hostname ?? host) : host;
}
