/** A caller's connection on a fake socket, with a server tier that the test plays. */
import { Layout, type Exchange, type Service } from "../../src/http/exchange.ts";
import { BytesBody } from "../../src/http/error-response.ts";
import { HeaderList } from "../../src/http/header-list.ts";
import { Http1Downstream } from "../../src/http1/downstream.ts";
import type { DownstreamSite } from "../../src/http1/downstream-site.ts";
import { defaultHttp1Settings } from "../../src/http1/settings.ts";
import { Sweeper } from "../../src/net/sweeper.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { FakeSocket } from "./fake-socket.ts";

export class DownstreamFixture {
  readonly clock = new FakeClock();
  readonly socket = new FakeSocket();
  readonly sweeper = new Sweeper(this.clock);
  readonly bugs: unknown[] = [];
  readonly refused: string[] = [];
  readonly site: DownstreamSite;
  readonly connection: Http1Downstream;
  closed = 0;

  constructor(dispatch: (x: Exchange) => void) {
    const service: Service = { dispatch };
    this.site = {
      service,
      layout: new Layout(),
      settings: defaultHttp1Settings,
      clock: this.clock,
      sweeper: this.sweeper,
      bug: (error) => this.bugs.push(error),
      refused: (status, code) => this.refused.push(`${status} ${code}`),
    };
    this.connection = new Http1Downstream(this.socket, this.site, () => this.closed++);
  }
}

/** Answers 200 with `text`, as the server tier's last stage would. */
export function answer(x: Exchange, text: string): void {
  x.response.status = 200;
  x.response.reason = "OK";
  x.response.headers = new HeaderList();
  x.responseBody = new BytesBody(Buffer.from(text));
  x.downstream?.respond(x);
  x.downstream?.finish(x);
}
