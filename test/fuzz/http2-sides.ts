/** The two sides of linkspan's HTTP/2 on sockets without a network, with a strict judge of what they say. */
import type { Failure } from "../../src/base/failure.ts";
import { failures } from "../../src/base/failure.ts";
import type { Random } from "../../src/base/time.ts";
import { BytesBody } from "../../src/http/error-response.ts";
import { type Exchange, type Holder, Layout } from "../../src/http/exchange.ts";
import { HeaderList } from "../../src/http/header-list.ts";
import { Http2Downstream } from "../../src/http2/downstream.ts";
import { defaultHttp2Settings } from "../../src/http2/settings.ts";
import { Http2Connection } from "../../src/http2/upstream-connection.ts";
import { Connector } from "../../src/net/connector.ts";
import { Sweeper } from "../../src/net/sweeper.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { CollectingSink } from "../fakes/collecting-sink.ts";
import { F, frame, PREFACE, T } from "../fakes/h2-frames.ts";
import { StrictDecoder } from "../fakes/h2-hpack.ts";
import { Judge } from "../fakes/h2-judge.ts";
import { LinkedSocket } from "../fakes/linked-sockets.ts";
import { Asked, HandBody } from "../fakes/h2-upstream-lab.ts";
import { below, pick } from "./mutate.ts";

const settings = { ...defaultHttp2Settings, streamWindow: 20_000, maxStreams: 4, maxHeaderListBytes: 4000 };

type NoteHead = (type: number, flags: number, id: number, payload: Buffer) => void;

/** What both sides have. */
abstract class Side {
  readonly bugs: unknown[] = [];
  readonly socket = new LinkedSocket(100_000);
  readonly clock = new FakeClock();
  readonly sweeper = new Sweeper(this.clock);
  readonly layout = new Layout();
  readonly judge: Judge;
  /** Bytes that linkspan has written. */
  written = 0;
  #pending: Buffer = Buffer.alloc(0);
  #isNoted = false;

  constructor(judged: "client" | "server") {
    this.judge = new Judge(judged);
  }

  /** Hands bytes in, and has what comes back judged. */
  feed(bytes: Buffer, noteHead: NoteHead): void {
    this.#note(bytes, noteHead);
    const lent = Buffer.from(bytes);
    this.received(lent);
    // Bytes are borrowed: who kept them would read this.
    lent.fill(0xee);
    this.drain();
  }

  /** Tells the judge of whole frames, and of DATA from its head on: linkspan goes by that too. */
  #note(bytes: Buffer, noteHead: NoteHead): void {
    this.#pending = Buffer.concat([this.#pending, bytes]);
    while (this.#pending.length >= 9) {
      const length = this.#pending.readUIntBE(0, 3);
      const type = this.#pending[3] as number;
      const flags = this.#pending[4] as number;
      const id = this.#pending.readUInt32BE(5) % 2 ** 31;
      if (type === T.DATA && !this.#isNoted) this.judge.sent(frame(type, flags, id, Buffer.alloc(length)));
      this.#isNoted = type === T.DATA;
      if (this.#pending.length < 9 + length) return;
      const payload = this.#pending.subarray(9, 9 + length);
      if (type !== T.DATA) this.judge.sent(frame(type, flags, id, payload));
      noteHead(type, flags, id, payload);
      this.#pending = this.#pending.subarray(9 + length);
      this.#isNoted = false;
    }
  }

  drain(): void {
    const out = this.socket.takeBytes(1e9);
    this.written += out.length;
    this.judge.receive(out);
    this.socket.drain();
  }

  protected abstract received(bytes: Buffer): void;
}

/** Linkspan as a server; the tier behind it does what chance says. */
export class DownstreamSide extends Side implements Holder {
  dispatched = 0;
  finished = 0;
  readonly held = new Map<Exchange, { answered: boolean; body: HandBody | undefined }>();
  readonly #random: Random;
  readonly #downstream: Http2Downstream;
  readonly #decoder = new StrictDecoder();
  #parts: Buffer[] = [];
  #isDeaf = false;

  constructor(random: Random) {
    super("server");
    this.#random = random;
    const { layout, clock, sweeper } = this;
    const bug = (error: unknown): void => void this.bugs.push(error);
    const site = { service: { dispatch: (x: Exchange) => this.#dispatch(x) }, layout, settings, clock, sweeper, bug };
    this.#downstream = new Http2Downstream(this.socket, site, () => undefined);
    this.received(Buffer.from(PREFACE));
  }

  send(bytes: Buffer): void {
    this.feed(bytes, (type, flags, id, payload) => this.#noteMethod(type, flags, id, payload));
  }

  /** What the tier behind does of itself. */
  step(): void {
    const random = this.#random;
    const under = [...this.held];
    if (under.length > 0 && random.next() < 0.5) this.#goOn(...pick(random, under));
    if (random.next() < 0.01) this.clock.advance(pick(random, [250, 5000, 70_000]));
    if (random.next() < 0.003) this.#downstream.drain();
    this.drain();
  }

  close(): void {
    this.#downstream.destroy();
    this.sweeper[Symbol.dispose]();
  }

  cancel(x: Exchange, why: Failure): void {
    const state = this.held.get(x);
    if (!state) return;
    if (!state.answered) {
      state.answered = true;
      x.failure = why;
      x.downstream?.respond(x);
    } else x.broken ??= why;
    this.#finish(x);
  }

  abandon(x: Exchange): void {
    this.#finish(x);
  }

  protected received(bytes: Buffer): void {
    this.#downstream.received(bytes);
  }

  #dispatch(x: Exchange): void {
    this.dispatched++;
    x.holder = this;
    this.held.set(x, { answered: false, body: undefined });
    if (this.#random.next() < 0.8) {
      const sink = new CollectingSink();
      sink.stops = this.#random.next() < 0.3;
      x.requestBody.pipe(sink);
    }
    if (this.#random.next() < 0.4) this.#goOn(x, this.held.get(x) as { answered: boolean; body: HandBody | undefined });
  }

  #goOn(x: Exchange, state: { answered: boolean; body: HandBody | undefined }): void {
    const random = this.#random;
    if (!state.answered) return this.#answer(x, state);
    const { body } = state;
    const chance = random.next();
    if (body === undefined || chance < 0.05) return this.cancel(x, failures["upstream.reset"]);
    if (body.isStopped) return x.requestBody.drained();
    if (chance < 0.7) return body.give("b".repeat(pick(random, [0, 1, 10, 30_000])));
    if (chance < 0.8) {
      body.fail(failures["upstream.reset"]);
      x.broken = failures["upstream.reset"];
    } else body.end();
    this.#finish(x);
  }

  #answer(x: Exchange, state: { answered: boolean; body: HandBody | undefined }): void {
    const random = this.#random;
    const chance = random.next();
    if (chance < 0.1) return void x.interim?.(103, HeaderList.of([["link", "</a>"]]));
    state.answered = true;
    if (chance < 0.2) {
      x.failure = failures["upstream.reset"];
      x.downstream?.respond(x);
      return this.#finish(x);
    }
    x.response.status = pick(random, [200, 200, 204, 304, 500]);
    x.response.headers = HeaderList.of([
      ["x-same", "always"],
      ["x-other", String(below(random, 5))],
    ]);
    const isHand = random.next() < 0.5 && x.response.status === 200 && x.request.method !== "HEAD";
    if (isHand) state.body = new HandBody();
    x.responseBody =
      state.body ??
      new BytesBody(
        Buffer.from("y".repeat(x.response.status === 200 || x.response.status === 500 ? below(random, 100) : 0)),
      );
    x.downstream?.respond(x);
    if (!isHand) this.#finish(x);
  }

  #finish(x: Exchange): void {
    if (!this.held.delete(x)) return;
    this.finished++;
    x.holder = undefined;
    x.downstream?.finish(x);
  }

  /** The judge has to know which answers may have no body. */
  #noteMethod(type: number, flags: number, id: number, payload: Buffer): void {
    if (this.#isDeaf || (type !== T.HEADERS && type !== T.CONTINUATION)) return;
    let part = payload;
    if (type === T.HEADERS) {
      const pad = (flags & F.PADDED) !== 0 ? (payload[0] ?? 0) : -1;
      part = payload.subarray(
        (pad < 0 ? 0 : 1) + ((flags & F.PRIORITY) !== 0 ? 5 : 0),
        payload.length - Math.max(0, pad),
      );
      this.#parts = [];
    }
    this.#parts.push(part);
    if ((flags & F.END_HEADERS) === 0) return;
    try {
      const method = this.#decoder.decode(Buffer.concat(this.#parts)).find(([name]) => name === ":method")?.[1];
      const stream = this.judge.streams.get(id);
      if (stream && stream.method === "") stream.method = method ?? "none";
    } catch {
      this.#isDeaf = true;
    }
  }
}

/** Linkspan as a client, with some requests under way. */
export class UpstreamSide extends Side {
  readonly asked: Asked[] = [];
  readonly #random: Random;
  readonly #connection: Http2Connection;

  constructor(random: Random) {
    super("client");
    this.#random = random;
    const { clock, sweeper } = this;
    const connector = new Connector({ clock, resolver: { addresses: () => Promise.reject(new Error("no names")) } });
    const bug = (error: unknown): void => void this.bugs.push(error);
    const owner = { freed: () => undefined, closed: () => undefined };
    this.#connection = new Http2Connection(this.socket, owner, {
      connector,
      settings: { ...settings, maxStreams: 100 },
      clock,
      sweeper,
      bug,
    });
    for (let left = 4; left > 0; left--) this.#ask();
  }

  send(bytes: Buffer): void {
    this.feed(bytes, () => undefined);
  }

  /** What callers do of themselves. */
  step(): void {
    const random = this.#random;
    const chance = random.next();
    if (chance < 0.1 && this.asked.length < 12) this.#ask();
    // Nobody touches an exchange after its end.
    const open = this.asked.filter(({ finishes }) => finishes === 0);
    if (open.length === 0) return this.drain();
    const { x, sink } = pick(random, open);
    const body = x.requestBody instanceof HandBody ? x.requestBody : undefined;
    if (chance > 0.9) body?.give("c".repeat(below(random, 30_000)));
    else if (chance > 0.85) body?.end();
    else if (chance > 0.8) sink.stops = !sink.stops;
    else if (chance > 0.79) x.abandon();
    else if (chance > 0.78) x.cancel(failures["attempt.timeout"]);
    else if (chance > 0.77) this.clock.advance(pick(random, [250, 5000, 40_000]));
    if (!sink.stops && x.holder !== undefined) x.responseBody.drained();
    this.drain();
  }

  close(): void {
    this.#connection.destroy();
    this.sweeper[Symbol.dispose]();
  }

  protected received(bytes: Buffer): void {
    this.#connection.received(bytes);
  }

  #ask(): void {
    if (this.#connection.free <= 0) return;
    const random = this.#random;
    const body = pick(random, [undefined, undefined, "short", "l".repeat(70_000), new HandBody()]);
    const method = pick(random, ["GET", "POST", "HEAD", "PUT"]);
    const asked = new Asked(this.layout, {
      method,
      target: "/x?y",
      ...(body === undefined ? {} : { body }),
      stops: random.next() < 0.2,
    });
    this.asked.push(asked);
    this.#connection.send(asked.x, asked);
  }
}
