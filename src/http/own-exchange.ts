/** Exchanges that no caller began: the router's own questions to endpoints, and copies of what callers asked. */
import { type BodySource, noBody } from "./body.ts";
import { Exchange, type HttpVersion, type Layout } from "./exchange.ts";
import { HeaderList } from "./header-list.ts";
import type { Headers } from "./headers.ts";

export interface OwnRequest {
  readonly version: HttpVersion;
  readonly method: string;
  readonly target: string;
  /** The exchange's own from now on. */
  readonly headers: Headers;
  readonly body?: BodySource;
}

/** Whoever makes it sends it once, and hears of its answer where it says. */
export function ownExchange({ version, method, target, headers, body }: OwnRequest, layout: Layout): Exchange {
  const x = new Exchange(
    { version, method, target, headers },
    { version, status: 0, reason: "", headers: new HeaderList() },
    layout,
  );
  x.requestBody = body ?? noBody;
  return x;
}
