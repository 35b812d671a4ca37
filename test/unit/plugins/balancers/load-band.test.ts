import assert from "node:assert/strict";
import { test } from "node:test";
import { BandLoad, LoadBand } from "../../../../src/plugins/balancers/load-band.ts";

const usual = { smoothWindowMs: 5_000, lowLoad: 0.5, highLoad: 2 };

/** A band over ten endpoints, and what one load tells it. */
function bandOver(endpoints: number, options = usual) {
  const band = new LoadBand(options);
  band.fit(0, 1, endpoints);
  const load = new BandLoad();
  load.band = band;
  return { band, load };
}

test("a band begins as narrow as it may be, and stays within what there is", () => {
  const { band } = bandOver(10);
  assert.equal(band.width, 1);
  band.fit(0, 3, 10);
  assert.equal(band.width, 3);
  band.fit(0, 2, 2);
  assert.equal(band.width, 2);
});

test("the first load is the average, and at two for each endpoint the band widens by one", () => {
  const { band, load } = bandOver(10);
  load.started(0);
  assert.equal(band.width, 1);
  // 1 after no time at all is still 1: the second start counts only when time has passed.
  load.started(0);
  assert.equal(band.width, 1);
});

test("the average moves by its window: 1, then 2 for 5 s, is 2 - 1/e, and then 3 for 5 s is 3 - (1 + 1/e)/e", () => {
  const { band, load } = bandOver(10, { ...usual, highLoad: 1.63, lowLoad: 0 });
  load.started(0);
  assert.equal(band.width, 1);
  // 2 * (1 - 1/e) + 1 * 1/e = 1.632
  load.started(5_000);
  assert.equal(band.width, 2);
  // 3 * (1 - 1/e) + 1.632 / e = 2.497, for two of them 1.248.
  load.started(10_000);
  assert.equal(band.width, 2);
  // 4 * (1 - 1/e) + 2.497 / e = 3.447, for two of them 1.724.
  load.started(15_000);
  assert.equal(band.width, 3);
});

test("with half an exchange for each endpoint the band narrows again, by one step an event", () => {
  const { band, load } = bandOver(4);
  for (let at = 0; at < 8; at++) load.started(at * 60_000);
  assert.equal(band.width, 4);
  for (let at = 8; at < 14; at++) load.ended(at * 60_000);
  // Two for four, and what is left of the one before: more than a half each.
  assert.equal(band.width, 4);
  load.ended(14 * 60_000);
  assert.equal(band.width, 3);
  load.ended(15 * 60_000);
  assert.equal(band.width, 2);
});

test("a load that has left its aperture tells it nothing", () => {
  const { band, load } = bandOver(10);
  load.started(0);
  load.band = undefined;
  for (let at = 1; at < 9; at++) load.started(at * 60_000);
  assert.equal(band.width, 1);
  assert.equal(load.cost(), 9);
});
