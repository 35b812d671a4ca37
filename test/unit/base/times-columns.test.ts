import assert from "node:assert/strict";
import { test } from "node:test";
import { timesColumn, timesColumns } from "../../../src/base/times-columns.ts";

test("the column that counts a time is the one that has it as its label", () => {
  const columns = timesColumns({ name: "x_total", type: "counter", help: "X.", labels: ["times"] });
  for (let times = 1; times <= 30; times++) {
    const column = timesColumn(times);
    if (column !== undefined) assert.equal(columns[column]?.labels?.["times"], String(times));
    else assert.ok(columns.every(({ labels }) => labels?.["times"] !== String(times)));
  }
  assert.equal(timesColumn(0), undefined);
});
