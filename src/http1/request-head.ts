/** Reads the head of an HTTP/1 request, strictly (RFC 9112 §3): what is ambiguous is refused, never repaired. */
import { CR, LF, SP, TOKEN } from "../http/grammar.ts";
import { known } from "../http/known-fields.ts";
import { isAuthority, isTunnelTarget, readTarget, TARGET } from "../http/target.ts";
import { readFields } from "./field-section.ts";
import type { Flaw } from "./flaw.ts";
import { AMBIGUOUS, framedLength, framingFlaw, keepsAlive, UNSAID } from "./framing.ts";
import { HeadBlock } from "./head-block.ts";
import type { HeadLimits } from "./limits.ts";
import { askedUpgrade, type Upgrade } from "./upgrade.ts";

export interface RequestRules extends HeadLimits {
  /** Whether CONNECT is served; not if unsaid. */
  readonly connect?: boolean;
}

/** One a connection, filled anew by each `read`. */
export class RequestHeadReader {
  version: 10 | 11 = 11;
  method = "";
  target = "";
  readonly headers = new HeadBlock();
  /** Of the body: 0 or more, or CHUNKED. */
  length = 0;
  /** Whether the caller wants the connection to stay. */
  keepAlive = true;
  /** Whether the caller waits for a 100 before it sends the body. */
  awaitsContinue = false;
  /** The protocol that the caller asks to switch to, where it does so in due form. */
  upgrade: Upgrade = "";
  readonly #limits: RequestRules;

  constructor(limits: RequestRules) {
    this.#limits = limits;
  }

  /** Reads the head that starts at `from` and whose last field ends at `end`, where CRLFCRLF stands. */
  read(bytes: Buffer, from: number, end: number): Flaw | undefined {
    const text = bytes.toString("latin1", from, end + 2);
    let at = from;
    while (TOKEN[bytes[at] as number] !== 0) at++;
    if (at === from || bytes[at] !== SP) return this.#lineFlaw(bytes, from, "line.method");
    const targetStart = ++at;
    let straight = bytes[at] === 47;
    for (let kind = TARGET[bytes[at] as number]; kind !== 0; kind = TARGET[bytes[++at] as number]) {
      if (kind !== 1) straight = false;
    }
    if (at === targetStart || bytes[at] !== SP) return this.#lineFlaw(bytes, from, "line.target");
    const lineEnd = at + 9;
    if (lineEnd > end || bytes[lineEnd] !== CR || bytes[lineEnd + 1] !== LF)
      return this.#lineFlaw(bytes, from, "line.version");
    if (lineEnd - from > this.#limits.lineBytes) return "line.large";
    const flaw = this.#readVersion(text, at + 1 - from);
    if (flaw) return flaw;
    const fieldsStart = lineEnd + 2;
    if (end + 2 - fieldsStart > this.#limits.headBytes) return "head.large";
    this.method = methodOf(text, targetStart - 1 - from);
    this.headers.reset(text, Math.min(fieldsStart, end + 2) - from);
    const fieldFlaw = readFields(bytes, from, fieldsStart, end + 2, this.headers, this.#limits.fields);
    return fieldFlaw ?? this.#readMeaning(text.slice(targetStart - from, at - from), straight);
  }

  /** The flaw of a line, unless what is wrong with it is its length. */
  #lineFlaw(bytes: Buffer, from: number, flaw: Flaw): Flaw {
    const lineEnd = bytes.indexOf("\r\n", from, "latin1");
    return lineEnd - from > this.#limits.lineBytes ? "line.large" : flaw;
  }

  #readVersion(text: string, at: number): Flaw | undefined {
    if (text.startsWith("HTTP/1.", at)) {
      const minor = text.charCodeAt(at + 7) - 48;
      this.version = minor === 0 ? 10 : 11;
      if (minor === 0 || minor === 1) return undefined;
    }
    return /^HTTP\/\d\.\d\r\n/.test(text.slice(at, at + 10)) ? "line.unserved" : "line.version";
  }

  /** What the fields say together. */
  #readMeaning(target: string, straight: boolean): Flaw | undefined {
    const { headers, version } = this;
    const flaw = hostFlaw(headers, version) ?? this.#readTarget(target, straight);
    if (flaw) return flaw;
    const length = framedLength(headers, version);
    if (length === AMBIGUOUS) return framingFlaw(headers, version);
    this.length = length === UNSAID ? 0 : length;
    this.keepAlive = keepsAlive(headers, version);
    this.awaitsContinue =
      (headers.seen & known.expect) !== 0 && this.length !== 0 && version === 11 && asksContinue(headers);
    if (this.method === "CONNECT" && this.length !== 0) return "connect.form";
    this.upgrade = "";
    if ((headers.seen & known.upgrade) === 0) return undefined;
    // A request that asks for what is not known here is served without it (RFC 9110 §7.8).
    if (version === 11 && this.length === 0) this.upgrade = askedUpgrade(headers, this.method);
    headers.remove("upgrade");
    return undefined;
  }

  #readTarget(text: string, straight: boolean): Flaw | undefined {
    if (this.method === "CONNECT") return this.#readAuthority(text);
    if (straight) {
      this.target = text;
      return undefined;
    }
    const target = readTarget(this.method, text);
    if (!target) return "line.target";
    this.target = target.origin;
    // RFC 9112 §3.2.2: the authority of an absolute form replaces what Host says.
    if (target.authority !== undefined) this.headers.set("Host", target.authority);
    return undefined;
  }

  /** RFC 9112 §3.2.3. The authority is the target, so it is the Host too. */
  #readAuthority(text: string): Flaw | undefined {
    if (this.#limits.connect !== true) return "line.connect";
    if (!isTunnelTarget(text)) return "connect.form";
    this.target = text;
    if (this.headers.get("host") !== text) this.headers.set("Host", text);
    return undefined;
  }
}

function hostFlaw(headers: HeadBlock, version: 10 | 11): Flaw | undefined {
  if ((headers.repeated & known.host) !== 0) return "host.repeated";
  if ((headers.seen & known.host) === 0) return version === 11 ? "host.missing" : undefined;
  return isAuthority(headers.value(headers.find("host"))) ? undefined : "host.grammar";
}

const asksContinue = (headers: HeadBlock): boolean =>
  headers.value(headers.find("expect")).toLowerCase() === "100-continue";

/** Without a new string for the methods of nearly every request. */
function methodOf(text: string, end: number): string {
  if (end === 3 && text.startsWith("GET")) return "GET";
  if (end === 4 && text.startsWith("POST")) return "POST";
  return text.slice(0, end);
}
