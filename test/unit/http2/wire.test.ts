/** Tests of how a connection ends. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { data, ping } from "../../fakes/h2-frames.ts";
import { Http2ServerFixture } from "../../fakes/http2-server-fixture.ts";

it("after the last frame nothing is written or read, and the socket goes after a while", async () => {
  const fixture = await Http2ServerFixture.open();
  fixture.request(1);
  fixture.send(data(0, "x"));
  assert.equal((await fixture.shown()).length, 1);
  fixture.send(ping());
  fixture.exchanges[0]?.downstream?.finish(fixture.exchanges[0]);
  assert.deepEqual(await fixture.shown(), []);
  assert.equal(fixture.socket.destroyed, false);
  fixture.pass(750);
  fixture.pass(1000);
  assert.equal(fixture.socket.destroyed, true);
  assert.equal(fixture.closed, 1);
});
