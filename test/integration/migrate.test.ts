// The walk-through of docs/guide/migrate.md on a real ZooKeeper with an unmodified Java client of Curator, and on a real
// API server with its endpoint controllers.
import { test } from "node:test";
import { missingForRealRegistries } from "../../scripts/demo/migrate/real-registries.ts";
import { judgeMigration } from "../e2e/judge-migration.ts";
import { inOwnNetwork } from "../servers/netns.ts";

inOwnNetwork(import.meta.url, missingForRealRegistries(), () => {
  test(
    "two services move from ZooKeeper to Kubernetes, and nobody fails but who met a mistake",
    { timeout: 300_000 },
    async (t) => {
      await judgeMigration("real", t.signal);
    },
  );
});
