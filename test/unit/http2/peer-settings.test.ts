/** Tests of the other side's settings. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { PeerSettings } from "../../../src/http2/peer-settings.ts";
import { codeNames, type Setting, settings } from "../../fakes/h2-frames.ts";

function read(peer: PeerSettings, ...pairs: Setting[]): string {
  const bytes = settings(...pairs);
  return codeNames[peer.read(bytes, 9, bytes.length)] as string;
}

it("what was said holds, and what is unknown is passed over", () => {
  const peer = new PeerSettings(false);
  assert.equal(read(peer, [1, 0], [2, 1], [3, 7], [4, 10], [5, 20_000], [6, 1], [8, 1], [999, 5]), "NO_ERROR");
  assert.equal(peer.headerTableSize, 0);
  assert.equal(peer.maxConcurrentStreams, 7);
  assert.equal(peer.initialWindow, 10);
  assert.equal(peer.maxFrameBytes, 20_000);
  assert.equal(peer.enablesConnect, true);
});

it("values that may not be are refused with the code that the RFC names", () => {
  const client = (...pairs: Setting[]): string => read(new PeerSettings(false), ...pairs);
  assert.equal(client([2, 2]), "PROTOCOL_ERROR");
  assert.equal(client([4, 2 ** 31]), "FLOW_CONTROL_ERROR");
  assert.equal(client([5, 16_383]), "PROTOCOL_ERROR");
  assert.equal(client([5, 2 ** 24]), "PROTOCOL_ERROR");
  assert.equal(client([8, 2]), "PROTOCOL_ERROR");
  assert.equal(client([8, 1], [8, 0]), "PROTOCOL_ERROR");
  assert.equal(read(new PeerSettings(true), [2, 1]), "PROTOCOL_ERROR", "a server may not say that it takes pushes");
  assert.equal(codeNames[new PeerSettings(false).read(Buffer.alloc(7), 0, 7)], "FRAME_SIZE_ERROR");
});
