import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { packets } from "../../../../namers/zookeeper/rewatch.ts";

test("every path to be watched again is in exactly one packet, and packets are below the limit", () => {
  const paths = fc.array(fc.integer({ min: 1, max: 60_000 }), { maxLength: 12 });
  fc.assert(
    fc.property(paths, paths, (data, children) => {
      const watched = {
        data: data.map((length, at) => `/d${at}${"x".repeat(length)}`),
        children: children.map((length, at) => `/c${at}${"x".repeat(length)}`),
        exists: [],
        persistent: ["/not asked for"],
        recursive: [],
      };
      const cut = [...packets(watched, ["data", "exists", "children"])];
      assert.deepEqual(
        cut.flatMap((packet) => packet.data),
        watched.data,
      );
      assert.deepEqual(
        cut.flatMap((packet) => packet.children),
        watched.children,
      );
      assert.deepEqual(
        cut.flatMap((packet) => packet.persistent),
        [],
      );
      for (const packet of cut) {
        const bytes = [...packet.data, ...packet.children].reduce((sum, path) => sum + 4 + path.length, 0);
        assert.ok(bytes > 0 && bytes < 128_000);
      }
    }),
    { numRuns: 30 },
  );
});

test("nothing to watch is no packet", () => {
  assert.deepEqual([...packets({ data: [], exists: [], children: [], persistent: [], recursive: [] }, ["data"])], []);
});
