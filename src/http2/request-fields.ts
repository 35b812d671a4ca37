/** Reads the fields of an HTTP/2 request, strictly (RFC 9113 §8.2, §8.3; RFC 8441), and makes the exchange's head of them. */
import type { Exchange } from "../http/exchange.ts";
import { COLON, isToken } from "../http/grammar.ts";
import { known } from "../http/known-fields.ts";
import { isAuthority, isTunnelTarget, readTarget, TARGET } from "../http/target.ts";
import type { RequestFlaw } from "./field-flaw.ts";
import {
  AUTHORITY,
  BAD_NAME,
  BAD_VALUE,
  CONNECTION,
  COOKIE,
  METHOD,
  nameKind,
  PATH,
  PROTOCOL,
  PSEUDO,
  SCHEME,
} from "./field-kind.ts";
import { addLength, NO_LENGTH } from "./field-length.ts";
import { FieldList } from "./field-list.ts";
import type { FieldSink } from "./hpack-decoder.ts";

/** What is looked at more closely than by its name and value alone. */
const SPECIAL = BAD_NAME | BAD_VALUE | CONNECTION | COOKIE | PSEUDO | known.host | known.contentLength | known.te;
const PSEUDOS = METHOD | SCHEME | PATH | AUTHORITY | PROTOCOL;
const SLASH = 47;
const HOST_KIND = nameKind("host");

/** One a connection: `reset`, then a block is decoded into it, then `finish`. */
export class RequestFields implements FieldSink {
  /** -1 where the request does not say it. */
  contentLength = NO_LENGTH;
  #list = new FieldList();
  #flaw: RequestFlaw | undefined;
  /** Whether a field other than a pseudo field was given. */
  #isPastPseudo = false;
  #given = 0;
  #method = "";
  #scheme = "";
  #path = "";
  #authority = "";
  /** Whether there was a Host beside, or in place of, the authority. */
  #hasHost = false;
  #protocol = "";
  /** The position of the cookie. */
  #cookie = -1;

  /** As far as it was said; "" where it was not. */
  get method(): string {
    return this.#method;
  }

  reset(): void {
    this.contentLength = NO_LENGTH;
    this.#list.reset();
    this.#flaw = undefined;
    this.#isPastPseudo = false;
    this.#hasHost = false;
    this.#given = 0;
    this.#method = "";
    this.#cookie = -1;
  }

  field(name: string, value: string, kind: number): void {
    if ((kind & SPECIAL) === 0) {
      this.#isPastPseudo = true;
      this.#list.add(name, value, kind);
      return;
    }
    const flaw = (kind & PSEUDO) === 0 ? this.#special(name, value, kind) : this.#pseudo(value, kind);
    if (flaw !== undefined) this.#flaw ??= flaw;
  }

  #pseudo(value: string, kind: number): RequestFlaw | undefined {
    const which = kind & PSEUDOS;
    if ((kind & BAD_VALUE) !== 0) return "field.value";
    if (which === 0) return "pseudo.unknown";
    if (this.#isPastPseudo) return "pseudo.late";
    if ((this.#given & which) !== 0) return "pseudo.repeated";
    this.#given |= which;
    if (which === METHOD) this.#method = value;
    else if (which === PATH) this.#path = value;
    else if (which === SCHEME) this.#scheme = value;
    else if (which === PROTOCOL) this.#protocol = value;
    else return this.#readAuthority(value);
    return undefined;
  }

  /** It stands first in the list, as the Host that HTTP/1 would have. */
  #readAuthority(value: string): RequestFlaw | undefined {
    if (!namesHost(value)) return "pseudo.authority";
    this.#authority = value;
    this.#list.add("host", value, HOST_KIND);
    return undefined;
  }

  #special(name: string, value: string, kind: number): RequestFlaw | undefined {
    this.#isPastPseudo = true;
    if ((kind & BAD_NAME) !== 0) return "field.name";
    if ((kind & BAD_VALUE) !== 0) return "field.value";
    if ((kind & CONNECTION) !== 0) return "field.connection";
    if ((kind & COOKIE) !== 0) {
      if (this.#cookie < 0) this.#cookie = this.#list.add(name, value, kind);
      else this.#list.addCrumb(this.#cookie, value, kind);
      return undefined;
    }
    if ((kind & known.host) !== 0) return this.#readHost(value, kind);
    if ((kind & known.te) !== 0) {
      if (value.toLowerCase() !== "trailers") return "field.te";
      this.#list.add(name, "trailers", kind);
      return undefined;
    }
    const length = addLength(this.#list, this.contentLength, name, value, kind);
    if (typeof length === "string") return length;
    this.contentLength = length;
    return undefined;
  }

  /** RFC 9113 §8.3.1: one that says something else than the authority leaves open which of them routes. */
  #readHost(value: string, kind: number): RequestFlaw | undefined {
    const { seen } = this.#list;
    if ((seen & known.host) !== 0) {
      if (this.#hasHost) return "host.differs";
      this.#hasHost = true;
      const isSame = (this.#given & AUTHORITY) !== 0 && value.toLowerCase() === this.#authority.toLowerCase();
      return isSame ? undefined : "host.differs";
    }
    if (!namesHost(value)) return "pseudo.authority";
    this.#hasHost = true;
    this.#list.add("host", value, kind);
    return undefined;
  }

  /**
   * Fills the request's head of `x`, and its `upgrade` and `scheme`; undefined when good. The exchange gets the list of
   * fields, and gives the one that it had.
   */
  finish(x: Exchange): RequestFlaw | undefined {
    const flaw = this.#flaw ?? (this.#method === "CONNECT" ? this.#connect(x) : this.#plain(x));
    if (flaw !== undefined) return flaw;
    const { request } = x;
    const before = request.headers;
    request.version = 20;
    request.headers = this.#list;
    this.#list = before instanceof FieldList ? before : new FieldList();
    return undefined;
  }

  #plain(x: Exchange): RequestFlaw | undefined {
    if ((this.#given & PROTOCOL) !== 0) return "pseudo.protocol";
    if ((this.#given & METHOD) !== 0 && !isToken(this.#method)) return "pseudo.method";
    return this.#readRest(x, this.#method, METHOD | SCHEME | PATH, "");
  }

  #connect(x: Exchange): RequestFlaw | undefined {
    if ((this.#given & PROTOCOL) === 0) {
      const isWhole = this.#given === (METHOD | AUTHORITY) && isTunnelTarget(this.#authority);
      if (!isWhole) return "connect.form";
      return fill(x, "CONNECT", this.#authority, "");
    }
    // RFC 8441 §4: the scheme, the path and the authority are those of what the protocol is spoken to.
    if (!isToken(this.#protocol)) return "pseudo.protocol";
    return this.#readRest(x, "GET", PSEUDOS, this.#protocol.toLowerCase());
  }

  #readRest(x: Exchange, method: string, needed: number, upgrade: string): RequestFlaw | undefined {
    if ((this.#given & needed) !== needed) return "pseudo.missing";
    if (this.#scheme !== "http" && this.#scheme !== "https") return "pseudo.scheme";
    if ((this.#list.seen & known.host) === 0) return "host.missing";
    const target = canonicalPath(method, this.#path);
    if (target === undefined) return "pseudo.path";
    x.scheme = this.#scheme;
    return fill(x, method, target, upgrade);
  }
}

function fill(x: Exchange, method: string, target: string, upgrade: string): undefined {
  x.request.method = method;
  x.request.target = target;
  x.upgrade = upgrade;
  return undefined;
}

/** RFC 9110 §4.2.1: an http URI without a host is none. */
const namesHost = (authority: string): boolean =>
  authority !== "" && authority.charCodeAt(0) !== COLON && isAuthority(authority);

/** The path as it goes on; undefined for one that is none (RFC 9113 §8.3.1). */
function canonicalPath(method: string, path: string): string | undefined {
  let isStraight = true;
  for (let at = 0; at < path.length; at++) {
    const kind = TARGET[path.charCodeAt(at)] as number;
    if (kind === 0) return undefined;
    if (kind !== 1) isStraight = false;
  }
  if (path.charCodeAt(0) === SLASH) return isStraight ? path : readTarget(method, path)?.origin;
  return path === "*" && method === "OPTIONS" ? path : undefined;
}
