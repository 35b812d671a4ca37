/** The laws of the HTTP/1 codec: only canonical bytes leave; how bytes are split changes nothing; bodies come out as they went in. */
import assert from "node:assert/strict";
import net from "node:net";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { BodySink } from "../../src/http/body.ts";
import type { Exchange } from "../../src/http/exchange.ts";
import { Filter } from "../../src/http/filter.ts";
import { BodyReader } from "../../src/http1/body-reader.ts";
import { CHUNKED } from "../../src/http1/framing.ts";
import { defaultHeadLimits } from "../../src/http1/limits.ts";
import { Http1Proxy } from "../fakes/http1-proxy.ts";
import { passes } from "../fakes/passes.ts";
import { RawCaller } from "../fakes/raw-caller.ts";
import { CutShort, readCutRequests, readResponses } from "../fakes/strict-reader.ts";

const fifty = Array.from({ length: 50 }, () => "GET");
const SEED = Number(process.env["LINKSPAN_SEED"] ?? 9112);

/** A backend that reads as strictly as can be, and remembers what it could not read. */
class StrictBackend implements AsyncDisposable {
  requests = 0;
  cut = 0;
  readonly crooked: string[] = [];
  answer = (_target: string): string => "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  /** Whether to close behind each answer. */
  closes = false;
  readonly #server = net.createServer({ allowHalfOpen: true }, (socket) => this.#serve(socket));
  readonly #sockets = new Set<net.Socket>();

  async start(): Promise<number> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, "127.0.0.1", resolve);
    });
    return (this.#server.address() as net.AddressInfo).port;
  }

  #serve(socket: net.Socket): void {
    let seen = "";
    let answered = 0;
    this.#sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", (bytes: Buffer) => {
      seen += bytes.toString("latin1");
      const whole = this.#read(seen)?.messages ?? [];
      for (; answered < whole.length; answered++) {
        this.requests++;
        const answer = this.answer((whole[answered]?.line ?? "").split(" ")[1] ?? "");
        if (this.closes) socket.end(answer, "latin1");
        else socket.write(answer, "latin1");
      }
    });
    socket.on("end", () => socket.end());
    socket.on("close", () => {
      this.#sockets.delete(socket);
      if (this.#read(seen)?.isCut) this.cut++;
    });
  }

  #read(seen: string): ReturnType<typeof readCutRequests> | undefined {
    try {
      return readCutRequests(seen);
    } catch (error) {
      this.crooked.push(`${String(error)} in ${JSON.stringify(seen)}`);
      return undefined;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}

/** Counts the requests that the proxy believes to have had. */
class Count extends Filter {
  dispatched = 0;
  finished = 0;
  override dispatch(x: Exchange): void {
    this.dispatched++;
    this.next.dispatch(x);
  }
  override finish(x: Exchange): void {
    this.finished++;
    this.prev.finish(x);
  }
}

const trouble = [
  ..."\r\n\0\t :;,\"'\\/?#%[]{}<>=@",
  ..."\x01\x0b\x0c\x1b\x7f\x80\x85\xa0\xff0123456789abcdefx+-_*",
  ..."\r\n \r\n\r\n\n\n\r".match(/../gs)!,
  "chunked",
  "\r\nContent-Length: 5",
  "\r\nContent-Length: 0",
  "\r\ncontent-length:005",
  "\r\nContent-Length : 5",
  "\r\nTransfer-Encoding: chunked",
  "\r\nTransfer-Encoding:\x0bchunked",
  "\r\nTransfer-Encoding: identity, chunked",
  "\r\n Transfer-Encoding: chunked",
  "\r\nTransfer-Encoding : chunked",
  "\r\nHost: b",
  "\r\nConnection: close",
  "\r\nConnection: content-length, host",
  "\r\nExpect: 100-continue",
  "\r\nUpgrade: h2c",
  " HTTP/1.1",
  " HTTP/1.0",
  "http://b/",
  "0\r\n\r\n",
  "5\r\nhello\r\n",
  "GET /evil HTTP/1.1\r\nHost: a\r\n\r\n",
  "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
  "HTTP/1.1 103 E\r\n\r\n",
];

interface Mutation {
  readonly at: number;
  readonly drop: number;
  readonly insert: string;
}

const mutations = fc.array(
  fc.record({
    at: fc.nat(1000),
    drop: fc.oneof({ arbitrary: fc.constant(0), weight: 3 }, fc.integer({ min: 1, max: 12 })),
    insert: fc.oneof(fc.constantFrom("", ...trouble), fc.constantFrom(...trouble)),
  }),
  { minLength: 1, maxLength: 3 },
);

function mutate(seed: string, changes: readonly Mutation[]): string {
  let out = seed;
  for (const { at, drop, insert } of changes) {
    const place = at % (out.length + 1);
    out = out.slice(0, place) + insert + out.slice(place + drop);
  }
  return out;
}

const requestSeeds = [
  "GET /a HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nx-b:2\r\n\r\n",
  "GET http://b/x?y=z HTTP/1.1\r\nHost: a\r\nConnection: x-a\r\nX-A: 1\r\n\r\n",
  "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
  "POST /a HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello",
  "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3;x=y\r\nabc\r\n0\r\nX-T: 1\r\n\r\n",
  "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\nHost: a\r\n\r\n",
  "OPTIONS * HTTP/1.1\r\nHost: a\r\nVia: 1.0 x\r\n\r\nDELETE /h HTTP/1.1\r\nHost: a\r\n\r\n",
];

const answerSeeds = [
  "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A:1\r\n\r\nhello",
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3;x=y\r\nabc\r\n0\r\nX-T: 1\r\n\r\n",
  "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello",
  "HTTP/1.1 200 OK\r\nConnection: close, x-a\r\nX-A: 1\r\n\r\nhello",
  "HTTP/1.1 103 Early\r\nLink: a\r\n\r\nHTTP/1.1 204 No Content\r\nX: 1\r\n\r\n",
  'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nETag: "x"\r\n\r\n',
];

/** Until the proxy has said all that it will say to these bytes. */
async function exchange(port: number, bytes: string): Promise<RawCaller> {
  const caller = await RawCaller.connect(port);
  caller.socket.end(bytes, "latin1");
  await caller.until(({ state }) => state !== "open", 10_000);
  caller.socket.destroy();
  return caller;
}

/** Reads what a caller got; a message that is cut short is right where the connection was cut. */
function readAsCaller(got: string, methods: readonly string[]): void {
  try {
    readResponses(got, methods, true);
  } catch (error) {
    if (!(error instanceof CutShort)) throw error;
  }
}

describe("only canonical bytes leave", () => {
  it("towards the backend, and it reads as many requests as were dispatched, whatever a caller sends", async () => {
    await using backend = new StrictBackend();
    const count = new Count();
    await using proxy = await Http1Proxy.start(await backend.start(), { filters: [count] });
    const message = fc
      .tuple(fc.constantFrom(...requestSeeds), mutations)
      .map(([seed, changes]) => mutate(seed, changes));
    const law = fc.asyncProperty(fc.array(message, { minLength: 50, maxLength: 50 }), async (batch) => {
      const callers = await Promise.all(batch.map((bytes) => exchange(proxy.port, bytes)));
      await passes(() => assert.equal(count.finished, count.dispatched));
      for (const { got } of callers) readAsCaller(got, fifty);
      assert.deepEqual(backend.crooked, []);
      assert.ok(backend.requests <= count.dispatched, `${backend.requests} of ${count.dispatched}`);
      assert.deepEqual(proxy.bugs, []);
    });
    await fc.assert(law, { seed: SEED, numRuns: 60, endOnFailure: true });
    assert.ok(backend.requests > 500, `${backend.requests} mutated requests were good enough to pass`);
  });

  it("towards the caller, whatever a backend answers", async () => {
    await using backend = new StrictBackend();
    await using proxy = await Http1Proxy.start(await backend.start());
    const message = fc
      .tuple(fc.constantFrom(...answerSeeds), mutations)
      .map(([seed, changes]) => mutate(seed, changes));
    let good = 0;
    const law = fc.asyncProperty(fc.array(message, { minLength: 50, maxLength: 50 }), async (batch) => {
      backend.closes = true;
      backend.answer = (target) => batch[Number(target.slice(1))] as string;
      const asked = batch.map(async (_bytes, at) => {
        const method = at % 5 === 0 ? "HEAD" : "GET";
        const { got } = await exchange(proxy.port, `${method} /${at} HTTP/1.1\r\nHost: a\r\n\r\n`);
        readAsCaller(got, [method]);
        if (!got.includes("linkspan-code")) good++;
      });
      await Promise.all(asked);
      assert.deepEqual(backend.crooked, []);
      assert.deepEqual(proxy.bugs, []);
    });
    await fc.assert(law, { seed: SEED, numRuns: 60, endOnFailure: true });
    assert.ok(good > 500, `${good} mutated answers were good enough to pass`);
  });
});

describe("how bytes are split changes nothing", () => {
  const request =
    "POST /a?b HTTP/1.1\r\nHost: a\r\nX:1\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n1\r\n!\r\n0\r\nX-T:1\r\n\r\n";
  const answer =
    "HTTP/1.1 103 E\r\n\r\nHTTP/1.1 200 OK\r\nX:1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-T:1\r\n\r\n";

  it("for requests, at every byte", async () => {
    let seen = "";
    const server = net.createServer((socket) => {
      socket.on("data", (bytes: Buffer) => {
        seen += bytes.toString("latin1");
        if (seen.endsWith("0\r\nX-T: 1\r\n\r\n")) socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    await using proxy = await Http1Proxy.start((server.address() as net.AddressInfo).port);
    const bodies = new Set<string>();
    for (let at = 1; at < request.length; at++) {
      seen = "";
      using caller = await RawCaller.connect(proxy.port);
      caller.send(request.slice(0, at));
      await new Promise(setImmediate);
      caller.send(request.slice(at));
      await caller.until(({ got }) => got.endsWith("ok"));
      const { messages } = readCutRequests(seen);
      bodies.add(JSON.stringify(messages));
    }
    assert.equal(bodies.size, 1);
    assert.match([...bodies][0] as string, /"body":"hello!"/);
    server.close();
  });

  it("for answers, at every byte", async () => {
    let at = 1;
    const server = net.createServer({ noDelay: true }, (socket) => {
      socket.on("data", () => {
        socket.write(answer.slice(0, at), "latin1");
        setImmediate(() => socket.write(answer.slice(at), "latin1"));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    await using proxy = await Http1Proxy.start((server.address() as net.AddressInfo).port);
    const heard = new Set<string>();
    for (at = 1; at < answer.length; at++) {
      using caller = await RawCaller.connect(proxy.port);
      caller.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      await caller.until(({ got }) => got.endsWith("0\r\nX-T: 1\r\n\r\n"));
      heard.add(JSON.stringify(readResponses(caller.got, ["GET"], false)));
    }
    assert.equal(heard.size, 1);
    assert.match([...heard][0] as string, /"body":"hello"/);
    server.close();
  });
});

describe("a chunked body", () => {
  class Collect implements BodySink {
    readonly parts: Buffer[] = [];
    ended = false;
    /** Says "stop" each time; the test goes on by `drained`. */
    readonly stops: boolean;
    constructor(stops: boolean) {
      this.stops = stops;
    }
    chunk(bytes: Uint8Array): boolean {
      this.parts.push(Buffer.from(bytes));
      return !this.stops;
    }
    end(): void {
      this.ended = true;
    }
    fail(): void {
      assert.fail("a good body does not fail");
    }
    flush(): void {
      assert.equal(this.ended, false);
    }
  }

  it("comes out as it went in, however it is chunked, split and stopped", () => {
    const chunk = fc.uint8Array({ minLength: 1, maxLength: 300 });
    const law = fc.property(
      fc.array(chunk),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
      fc.boolean(),
      (chunks, sizes, stops) => {
        const encoded = Buffer.concat([
          ...chunks.flatMap((bytes) => [
            Buffer.from(`${bytes.length.toString(16)};ext\r\n`),
            bytes,
            Buffer.from("\r\n"),
          ]),
          Buffer.from("0\r\n\r\nnext"),
        ]);
        const sink = new Collect(stops);
        const reader = new BodyReader({ wanted: () => undefined }, defaultHeadLimits);
        reader.open(CHUNKED);
        reader.pipe(sink);
        let at = 0;
        for (let turn = 0; !reader.done; turn++) {
          const to = Math.min(encoded.length, at + (sizes[turn % sizes.length] as number));
          at = reader.feed(encoded, at, to);
          assert.equal(reader.flaw, undefined);
          reader.drained();
        }
        assert.equal(sink.ended, true);
        assert.deepEqual(Buffer.concat(sink.parts), Buffer.concat(chunks));
        assert.equal(encoded.subarray(at).toString(), "next");
      },
    );
    fc.assert(law, { seed: SEED, numRuns: 500 });
  });
});
