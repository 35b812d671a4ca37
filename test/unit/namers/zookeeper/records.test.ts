import assert from "node:assert/strict";
import { test } from "node:test";
import { JuteReader, JuteWriter } from "../../../../namers/zookeeper/jute.ts";
import { connectRequest, frame, readConnectResponse, readStat } from "../../../../namers/zookeeper/records.ts";

test("a connect request has the protocol's 45 bytes", () => {
  const password = Buffer.alloc(16, 0xab);
  const bytes = connectRequest({ lastZxid: 1n, timeoutMs: 10_000, sessionId: 2n, password, readOnly: true });
  const wanted = `00000000${"1".padStart(16, "0")}00002710${"2".padStart(16, "0")}00000010${"ab".repeat(16)}01`;
  assert.equal(bytes.toString("hex"), wanted);
  assert.equal(frame(bytes).length, 49);
});

test("a connect response of a server before 3.4 is one that is not read-only", () => {
  const old = new JuteWriter().int(0).int(4_000).long(-9n).buffer(Buffer.from("p")).done();
  const response = readConnectResponse(new JuteReader(old));
  assert.deepEqual(response, { timeoutMs: 4_000, sessionId: -9n, password: Buffer.from("p"), readOnly: false });
});

test("a stat keeps all 64 bits of its ids", () => {
  const writer = new JuteWriter()
    .long(2n ** 62n)
    .long(2n)
    .long(3n)
    .long(4n)
    .int(5)
    .int(6)
    .int(7);
  const stat = readStat(
    new JuteReader(
      writer
        .long(-(2n ** 63n))
        .int(8)
        .int(9)
        .long(10n)
        .done(),
    ),
  );
  assert.equal(stat.czxid, 2n ** 62n);
  assert.equal(stat.ephemeralOwner, -(2n ** 63n));
  assert.deepEqual(
    [stat.mzxid, stat.ctime, stat.mtime, stat.version, stat.cversion, stat.aversion],
    [2n, 3, 4, 5, 6, 7],
  );
  assert.deepEqual([stat.dataLength, stat.numChildren, stat.pzxid], [8, 9, 10n]);
});
