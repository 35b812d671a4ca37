/** Tests of what may not pass a proxy. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HeaderList } from "../../../src/http/header-list.ts";
import { appendVia, stripHopByHop, takesTrailers, viaCount } from "../../../src/http/hygiene.ts";

const live = (list: HeaderList): string[] => {
  const out: string[] = [];
  for (let at = 0; at < list.size; at++) if (!list.dropped(at)) out.push(`${list.name(at)}: ${list.value(at)}`);
  return out;
};

describe("hygiene", () => {
  it("strips every hop-by-hop field, named by Connection or not", () => {
    const list = HeaderList.of(
      [
        "Keep-Alive",
        "Proxy-Connection",
        "Proxy-Authenticate",
        "Proxy-Authorization",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade",
        "X-A",
      ].map((name) => [name, "v"] as const),
    );
    stripHopByHop(list);
    assert.deepEqual(live(list), ["X-A: v"]);
  });

  it("strips what any Connection field names, whatever the case and the white space", () => {
    const list = HeaderList.of([
      ["X-A", "1"],
      ["Connection", "close ,\tx-a,, keep-alive"],
      ["x-B", "2"],
      ["connection", "X-b"],
      ["X-C", "3"],
      ["x-a", "4"],
    ]);
    stripHopByHop(list);
    assert.deepEqual(live(list), ["X-C: 3"]);
  });

  it("keeps Host, length and Via, whatever Connection names", () => {
    const list = HeaderList.of([
      ["Host", "a"],
      ["Content-Length", "5"],
      ["Via", "1.0 a"],
      ["Connection", "host, content-length, via"],
    ]);
    stripHopByHop(list);
    assert.deepEqual(live(list), ["Host: a", "Content-Length: 5", "Via: 1.0 a"]);
  });

  it("sees in any TE field whether trailers are taken", () => {
    const takes = (...values: string[]): boolean =>
      takesTrailers(HeaderList.of(values.map((value) => ["TE", value] as const)));
    assert.equal(takes("trailers"), true);
    assert.equal(takes("gzip", "deflate;q=0.5 ,\tTrailers"), true);
    assert.equal(takes("gzip;trailers"), false);
    assert.equal(takes(), false);
  });

  it("touches nothing where there is nothing to strip", () => {
    const list = HeaderList.of([["X-A", "1"]]);
    stripHopByHop(list);
    assert.deepEqual(live(list), ["X-A: 1"]);
  });

  it("adds a Via, or joins it to the last one", () => {
    const none = HeaderList.of([]);
    appendVia(none, 11);
    assert.deepEqual(live(none), ["via: 1.1 linkspan"]);
    const two = HeaderList.of([
      ["Via", "1.0 a"],
      ["Via", "1.1 b"],
    ]);
    appendVia(two, 11);
    assert.deepEqual(live(two), ["Via: 1.0 a", "via: 1.1 b, 1.1 linkspan"]);
    const empty = HeaderList.of([["Via", ""]]);
    appendVia(empty, 11);
    assert.deepEqual(live(empty), ["via: 1.1 linkspan"]);
  });

  it("counts proxies over all Via fields, and no empty elements", () => {
    assert.equal(viaCount(HeaderList.of([])), 0);
    assert.equal(
      viaCount(
        HeaderList.of([
          ["Via", "1.0 a, 1.1 b,, ,"],
          ["via", "1.1 c"],
        ]),
      ),
      3,
    );
  });
});
