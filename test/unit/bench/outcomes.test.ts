import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readH2load } from "../../bench/load/h2load.ts";
import { median, merged, quantile } from "../../bench/load/paced.ts";
import { readWrk } from "../../bench/load/wrk.ts";

const wrkText = `Running 2s test @ http://127.0.0.1:1/
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   658.53us    0.94ms  24.41ms   98.11%
  Latency Distribution
     50%  588.00us
     75%  731.00us
     90%    1.02ms
     99%    1.93ms
  103846 requests in 2.10s, 25.85MB read
`;

const h2loadText = `starting benchmark...
Main benchmark duration is started for thread #0.
finished in 3.02s, 31002.67 req/s, 4.23MB/s
requests: 93008 total, 93136 started, 93008 done, 93000 succeeded, 8 failed, 0 errored, 0 timeout
status codes: 92990 2xx, 0 3xx, 4 4xx, 6 5xx
traffic: 12.69MB (13308488) total
`;

describe("what load generators print", () => {
  it("wrk: requests, their time, latencies in any unit", () => {
    assert.deepEqual(readWrk(wrkText), { done: 103_846, failed: 0, seconds: 2.1, p50Ms: 0.588, p99Ms: 1.93 });
  });

  it("wrk: answers other than 2xx and broken connections are failures", () => {
    const text = `${wrkText}  Socket errors: connect 1, read 2, write 3, timeout 4\n  Non-2xx or 3xx responses: 100\n`;
    assert.equal(readWrk(text).failed, 110);
  });

  it("wrk: latencies of seconds and minutes", () => {
    const text = wrkText.replace("588.00us", "1.20s").replace("1.93ms", "1.50m");
    const { p50Ms, p99Ms } = readWrk(text);
    assert.deepEqual([p50Ms, p99Ms], [1_200, 90_000]);
  });

  it("h2load: requests, their time, and failures of both kinds", () => {
    assert.deepEqual(readH2load(h2loadText), { done: 93_008, failed: 18, seconds: 3.02 });
  });
});

describe("numbers of many", () => {
  it("the median is in the middle, whatever their order", () => {
    assert.equal(median([5, 1, 100, 2, 3]), 3);
  });

  it("a quantile is the value below which that share is", () => {
    const hundred = Array.from({ length: 100 }, (_, at) => at);
    assert.deepEqual([quantile(hundred, 0.5), quantile(hundred, 0.99), quantile(hundred, 1)], [50, 99, 99]);
  });

  it("slices of one load are its sum, and the median of each quantile", () => {
    const slice = (p99Ms: number, failed = 0) => {
      return { perSecond: 1_000, done: 10, failed, p50Ms: 1, p99Ms, p999Ms: p99Ms * 2, lateP99Ms: 1 };
    };
    assert.deepEqual(merged([slice(3), slice(90, 2), slice(2)]), { ...slice(3, 2), done: 30 });
  });

  it("of nothing there is no number", () => {
    assert.deepEqual([median([]), quantile([], 0.5)], [Number.NaN, Number.NaN]);
  });
});
