/** Property tests of HTTP/2's flow control: whatever the windows and however the bytes are cut, every body arrives whole. */
import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import type { BodySink } from "../../src/http/body.ts";
import type { Exchange } from "../../src/http/exchange.ts";
import { HeaderList } from "../../src/http/header-list.ts";
import { Asker, CountedBody, Http2Loop, requestOf } from "../fakes/http2-loop.ts";

/** Gives the request's body back. */
function echo(x: Exchange): void {
  const { requestBody } = x;
  x.response.status = 200;
  x.response.reason = "OK";
  x.response.headers = new HeaderList();
  x.responseBody = { length: requestBody.length, started: false, drained: () => requestBody.drained(), pipe };
  function pipe(sink: BodySink): void {
    requestBody.pipe({
      chunk: (bytes) => sink.chunk(bytes),
      fail: (failure) => sink.fail(failure),
      flush: () => sink.flush(),
      end: (trailers) => {
        sink.end(trailers);
        x.downstream?.finish(x);
      },
    });
  }
  x.downstream?.respond(x);
}

/** Numbers between `low` and `high`, always the same ones for a seed. */
function draws(seed: number, low: number, high: number): () => number {
  let state = seed | 1;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return low + ((state >>> 8) % (high - low + 1));
  };
}

const windows = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 41, max: 100_000 }));
const side = fc.record({ streamWindow: windows, connectionWindow: fc.integer({ min: 65_535, max: 100_000 }) });
const scene = fc.record({
  caller: side,
  server: side,
  bodies: fc.array(
    fc.record({
      length: fc.oneof(
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 0, max: 20_000 }),
        fc.integer({ min: 60_000, max: 150_000 }),
      ),
      piece: fc.integer({ min: 1, max: 9000 }),
      saysLength: fc.boolean(),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  cut: fc.constantFrom(1, 7, 100, 5000, 65_536),
  capacity: fc.constantFrom(100, 20_000, 1_000_000),
  stops: fc.boolean(),
  seed: fc.nat(),
});

it("every body comes back as it went, within all windows, and nothing stalls", async () => {
  await fc.assert(
    fc.asyncProperty(scene, async ({ caller, server, bodies, cut, capacity, stops, seed }) => {
      const loop = new Http2Loop({ caller, server, capacity, dispatch: echo });
      const coin = draws(seed, 0, 3);
      const total = bodies.reduce((sum, { length }) => sum + length, 0);
      const askers = bodies.map(({ length, piece, saysLength }) => {
        // A window of some bytes and a body of many make frames beyond number.
        const fit = Math.min(length, 500 * Math.min(caller.streamWindow, server.streamWindow));
        const asker = new Asker(() => stops && coin() === 0);
        loop.connection.send(requestOf(loop, "POST", "/", new CountedBody(fit, piece, saysLength)), asker);
        return { asker, fit };
      });
      const draw = draws(seed, 1, cut);
      // Pieces of a few bytes, but not so small that the run has no end.
      const size = cut === 1 && total > 2000 ? (): number => 50 : draw;
      assert.ok(await loop.run(size, 100_000), "it never comes to rest");
      assert.deepEqual(loop.bugs, []);
      assert.deepEqual([...loop.fromCaller.faults, ...loop.fromServer.faults], []);
      for (const { asker, fit } of askers) {
        assert.deepEqual(
          {
            status: asker.status,
            length: asker.length,
            isRight: asker.isRight,
            hasEnded: asker.hasEnded,
            finished: asker.finished,
          },
          { status: 200, length: fit, isRight: true, hasEnded: true, finished: 1 },
        );
      }
    }),
    { numRuns: 60, seed: 11 },
  );
});
