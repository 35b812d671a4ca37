/** The whole way of bytes through linkspan over HTTP/1, without a network: caller, hygiene, endpoint, and back. */
import type { Random } from "../../src/base/time.ts";
import { errorResponse } from "../../src/http/error-response.ts";
import { type Exchange, Layout, toDownstream } from "../../src/http/exchange.ts";
import { Filter, link } from "../../src/http/filter.ts";
import { appendVia, stripHopByHop } from "../../src/http/hygiene.ts";
import { Http1Downstream } from "../../src/http1/downstream.ts";
import { defaultHttp1Settings } from "../../src/http1/settings.ts";
import { Http1Connection } from "../../src/http1/upstream-connection.ts";
import { Sweeper } from "../../src/net/sweeper.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { FakeSocket } from "../fakes/fake-socket.ts";
import { CutShort, readCutRequests, readResponses } from "../fakes/strict-reader.ts";
import { answerSeeds, dictionary } from "./http1-seeds.ts";
import { below, mutated, pieces } from "./mutate.ts";
import { Finding } from "./runner.ts";

const settings = { ...defaultHttp1Settings, connect: true };
const GOOD = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const noMethods = Array.from({ length: 200 }, () => "GET");

interface Endpoint {
  readonly socket: FakeSocket;
  readonly connection: Http1Connection;
  answered: number;
  isTunnel: boolean;
}

/** The last stage: one connection after the other, used again where it can be. */
class Endpoints extends Filter {
  readonly all: Endpoint[] = [];
  readonly methods: string[] = [];
  readonly #free: Endpoint[] = [];
  readonly #bug: (error: unknown) => void;
  dispatched = 0;

  constructor(bug: (error: unknown) => void) {
    super();
    this.#bug = bug;
  }

  override dispatch(x: Exchange): void {
    this.dispatched++;
    this.methods.push(x.request.method);
    const { connection } = this.#free.pop() ?? this.#open();
    connection.send(x, this.prev);
  }

  #open(): Endpoint {
    const socket = new FakeSocket();
    const owner = {
      freed: () => void this.#free.push(endpoint),
      closed: () => {
        const at = this.#free.indexOf(endpoint);
        if (at >= 0) this.#free.splice(at, 1);
      },
    };
    const connection = new Http1Connection(socket, owner, settings, this.#bug);
    const endpoint: Endpoint = { socket, connection, answered: 0, isTunnel: false };
    this.all.push(endpoint);
    return endpoint;
  }
}

class Watch extends Filter {
  finished = 0;
  dispatched = 0;
  tunnels = 0;
  override dispatch(x: Exchange): void {
    this.dispatched++;
    stripHopByHop(x.request.headers);
    appendVia(x.request.headers, 11);
    this.next.dispatch(x);
  }
  override respond(x: Exchange): void {
    if (x.failure) {
      if (x.failure.status > 0) x.responseBody = errorResponse(x.response, x.failure);
    } else {
      stripHopByHop(x.response.headers);
      appendVia(x.response.headers, 11);
      if (x.response.status === 101 || (x.request.method === "CONNECT" && x.response.status < 300)) this.tunnels++;
    }
    this.prev.respond(x);
  }
  override finish(x: Exchange): void {
    this.finished++;
    this.prev.finish(x);
  }
}

export interface Passage {
  readonly dispatched: number;
  readonly answered: number;
  readonly tunnels: number;
}

/** Sends `input` as a caller, answers as endpoints do that are not to be trusted, and checks what leaves on each side. */
export async function passThrough(input: string, random: Random): Promise<Passage> {
  const bugs: unknown[] = [];
  const bug = (error: unknown): void => void bugs.push(error);
  const clock = new FakeClock();
  const sweeper = new Sweeper(clock);
  const [endpoints, watch] = [new Endpoints(bug), new Watch()];
  const tier = link([watch, endpoints], toDownstream, endpoints);
  const socket = new FakeSocket();
  const site = { service: tier.first, layout: new Layout(), settings, clock, sweeper, bug };
  let closed = 0;
  const caller = new Http1Downstream(socket, site, () => closed++);
  const said: string[] = [input];
  for (const piece of pieces(random, input)) {
    socket.receive(piece);
    await answerAll(endpoints, random, said);
    disturb(random, socket, clock);
  }
  if (random.next() < 0.5) socket.emit("end");
  await answerAll(endpoints, random, said);
  socket.drain();
  const isClosed = socket.wasEnded || socket.destroyed;
  caller.destroy();
  for (const endpoint of endpoints.all) await endpoint.connection[Symbol.asyncDispose]();
  sweeper[Symbol.dispose]();
  check(said, { bugs, socket, endpoints, watch, closed, isClosed });
  const answered = endpoints.all.reduce((sum, endpoint) => sum + endpoint.answered, 0);
  return { dispatched: watch.dispatched, answered, tunnels: watch.tunnels };
}

/** What happens between two reads: nothing mostly, time, or a caller that reads slowly. */
function disturb(random: Random, socket: FakeSocket, clock: FakeClock): void {
  const what = below(random, 40);
  if (what === 0) clock.advance(below(random, 20_000));
  else if (what === 1) socket.isFull = true;
  else if (what === 2) socket.drain();
}

/** As long as an endpoint has a whole request without an answer. */
async function answerAll(endpoints: Endpoints, random: Random, said: string[]): Promise<void> {
  for (let turn = 0; turn < 400; turn++) {
    // What the codec has put off to the end of this turn is done then.
    await new Promise<void>((resolve) => process.nextTick(resolve));
    const waiting = endpoints.all.find((each) => !each.socket.destroyed && !each.isTunnel && isAsked(each));
    if (waiting === undefined) return;
    waiting.answered++;
    const answer = random.next() < 0.5 ? GOOD : mutated(random, answerSeeds, dictionary);
    said.push(answer);
    for (const piece of pieces(random, answer)) waiting.connection.received(Buffer.from(piece, "latin1"));
    if (random.next() < 0.2) waiting.socket.emit("end");
  }
  throw new Finding("the same connections are answered without end", said);
}

function isAsked(endpoint: Endpoint): boolean {
  const { messages } = readCutRequests(untunnelled(endpoint.socket.written));
  return messages.length > endpoint.answered;
}

/** Without what a tunnel may carry: whatever stands behind a request that asks for one. */
function untunnelled(written: string): string {
  const asked =
    /(?:^|\r\n)(?:CONNECT [^\r\n]*\r\n(?:[^\r\n]+\r\n)*|[A-Z]+ [^\r\n]*\r\n(?:[^\r\n]+\r\n)*upgrade: websocket\r\n)\r\n/.exec(
      written,
    );
  return asked === null ? written : written.slice(0, asked.index + asked[0].length);
}

interface Outcome {
  readonly bugs: readonly unknown[];
  readonly socket: FakeSocket;
  readonly endpoints: Endpoints;
  readonly watch: Watch;
  readonly closed: number;
  readonly isClosed: boolean;
}

function check(said: readonly string[], { bugs, socket, endpoints, watch, closed, isClosed }: Outcome): void {
  if (bugs.length > 0) throw new Finding("a defect threw", said, bugs[0]);
  if (closed !== 1) throw new Finding(`the connection told ${closed} times that it is closed`, said);
  if (watch.finished !== watch.dispatched) {
    throw new Finding(`${watch.dispatched} exchanges began and ${watch.finished} ended`, said);
  }
  let read = 0;
  try {
    for (const endpoint of endpoints.all) read += readCutRequests(untunnelled(endpoint.socket.written)).messages.length;
  } catch (error) {
    throw new Finding("an endpoint got what is not canonical", said, error);
  }
  if (read > watch.dispatched) throw new Finding(`${read} requests were read of ${watch.dispatched}`, said);
  if (watch.tunnels === 0) checkAnswers(said, socket.written, endpoints.methods, isClosed || socket.wasReset);
}

function checkAnswers(said: readonly string[], written: string, methods: readonly string[], isClosed: boolean): void {
  try {
    readResponses(written, [...methods, ...noMethods], isClosed);
  } catch (error) {
    if (!(error instanceof CutShort))
      throw new Finding("the caller got what is not canonical", [...said, written], error);
  }
}
