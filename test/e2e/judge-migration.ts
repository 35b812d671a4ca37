/** What must hold of the walk-through, on whatever registries it is played. */
import assert from "node:assert/strict";
import { playWalk, type WalkShow } from "../../scripts/demo/migrate/play.ts";
import type { Typed } from "../../scripts/demo/migrate/walk.ts";

/** A step of 10 % until the guard sees it: a look each half second, and five failures that are no chance. */
const MOST_WHO_MET_THE_MISTAKE = 40;
const LEAST_REQUESTS = 300;

/** Throws where it does not hold. */
export async function judgeMigration(wanted: "real" | "fake", signal: AbortSignal): Promise<void> {
  const typed: Typed[] = [];
  const show: WalkShow = {
    step: () => undefined,
    said: () => undefined,
    file: () => undefined,
    follow: () => undefined,
    typed: (each) => void typed.push(each),
  };
  const { callers } = await playWalk(show, wanted, signal);
  const outputs = typed.map(({ command, output }) => `$ ${command}\n${output}`).join("\n");
  for (const { name, requests, failed, failures } of callers) {
    assert.ok(requests > LEAST_REQUESTS, `${name} asked ${requests} times`);
    if (name === "users, through Linkspan") {
      assert.ok(failed > 0 && failed < MOST_WHO_MET_THE_MISTAKE, `${failed} met the mistake\n${outputs}`);
      assert.deepEqual(
        new Set(failures.map((each) => each.replace(/^\S+ /, ""))),
        new Set(["503 pod-users-1", "503 pod-users-2"]),
      );
    } else assert.deepEqual(failures, [], name);
  }
  const usage = typed.find(({ command }) => command.startsWith("linkspan usage"))?.output ?? "";
  // Also of what a reload took away between two looks.
  for (const name of ["/#/zk/users", "/#/zk/orders"]) assert.ok(usage.includes(name), `${name}\n${usage}`);
  const shares = Object.fromEntries(callers.map(({ name, by }) => [name, by]));
  for (const name of ["users, through Linkspan", "users, by Curator", "orders, through Linkspan", "orders, by pods"]) {
    assert.ok(
      (shares[name]?.["vm"] ?? 0) > 0 && (shares[name]?.["pod"] ?? 0) > 0,
      `${name}: ${JSON.stringify(shares[name])}`,
    );
  }
}
