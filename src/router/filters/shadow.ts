/** Sends copies of requests to another name, as exchanges of their own, and throws their answers away. */
import type { Counter } from "../../base/metrics.ts";
import type { Clock, Random } from "../../base/time.ts";
import { CopiedBody, type CopyListener } from "../../http/copied-body.ts";
import { BytesBody } from "../../http/error-response.ts";
import type { Exchange, Layout } from "../../http/exchange.ts";
import { Filter } from "../../http/filter.ts";
import { HeaderList } from "../../http/header-list.ts";
import { ownExchange, type OwnRequest } from "../../http/own-exchange.ts";
import type { Path } from "../../naming/path.ts";
import type { ShadowParams } from "../params.ts";
import { ThrownAway } from "../thrown-away.ts";

/** What the shadows of a router share. */
export interface ShadowParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly layout: Layout;
  /** Takes a copy to the route of that name, which has no shadow itself. */
  send(path: Path, x: Exchange): void;
  readonly sent: Counter;
  /** Those that were not sent: too many are under way, or the body is too large. */
  readonly dropped: Counter;
}

const MOST_BYTES = 64 * 1024;
/** Copies of one route that are under way, or wait for the end of a body. */
const MOST_UNDER_WAY = 100;

/** Stands above whatever writes to the request. Nothing that becomes of a copy is felt by the request. */
export class Shadow extends Filter {
  readonly #parts: ShadowParts;
  readonly #to: Path;
  readonly #fraction: number;
  /** Requests whose body is on its way, and being copied. */
  readonly #bodies = new Map<Exchange, CopiedBody>();
  #underWay = 0;

  constructor(parts: ShadowParts, { to, fraction }: ShadowParams) {
    super();
    this.#parts = parts;
    this.#to = to;
    this.#fraction = fraction;
  }

  override dispatch(x: Exchange): void {
    if (!mayCopy(x) || this.#parts.random.next() >= this.#fraction) return this.next.dispatch(x);
    const { length } = x.requestBody;
    if (this.#underWay >= MOST_UNDER_WAY || length > MOST_BYTES) {
      this.#parts.dropped.value++;
      return this.next.dispatch(x);
    }
    this.#underWay++;
    const copy = new Copy(x, (made) => this.#ended(x, made));
    if (length !== 0) {
      const body = new CopiedBody(x.requestBody, MOST_BYTES, copy);
      this.#bodies.set(x, body);
      x.requestBody = body;
    }
    this.next.dispatch(x);
    // By now the request is on its way, so that it has not waited for its copy.
    if (length === 0) copy.copied(NOTHING);
  }

  override finish(x: Exchange): void {
    // A body that nobody has taken to its end.
    if (this.#bodies.size > 0) this.#bodies.get(x)?.giveUp();
    this.prev.finish(x);
  }

  /** The copy is whole, or will not be. */
  #ended(of: Exchange, copy: MakeCopy | undefined): void {
    const { layout, clock, sent, dropped, send } = this.#parts;
    this.#bodies.delete(of);
    if (copy === undefined) {
      this.#underWay--;
      dropped.value++;
      return;
    }
    sent.value++;
    const x = copy(layout);
    x.startedAt = clock.now();
    const away = new ThrownAway(x, clock, () => void this.#underWay--);
    x.serverTier = away;
    away.start();
    send(this.#to, x);
  }
}

const NOTHING = new Uint8Array(0);

/** What makes a connection something else cannot be done twice. */
function mayCopy({ upgrade, request: { method } }: Exchange): boolean {
  return upgrade === "" && method !== "CONNECT";
}

type MakeCopy = (layout: Layout) => Exchange;

/** The head of a request, kept until its body is there. */
class Copy implements CopyListener {
  readonly #request: OwnRequest;
  readonly #from: Pick<Exchange, "scheme" | "takesTrailers" | "remoteAddress" | "caller" | "proof">;
  readonly #ended: (copy: MakeCopy | undefined) => void;

  constructor(x: Exchange, ended: (copy: MakeCopy | undefined) => void) {
    const { version, method, target, headers } = x.request;
    this.#request = { version, method, target, headers: HeaderList.copyOf(headers) };
    const { scheme, takesTrailers, remoteAddress, caller, proof } = x;
    this.#from = { scheme, takesTrailers, remoteAddress, caller, proof };
    this.#ended = ended;
  }

  copied(bytes: Uint8Array): void {
    const request = bytes.length === 0 ? this.#request : { ...this.#request, body: new BytesBody(bytes) };
    this.#ended((layout) => Object.assign(ownExchange(request, layout), this.#from));
  }

  notCopied(): void {
    this.#ended(undefined);
  }
}
