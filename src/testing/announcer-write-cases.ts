/** Clauses of the announcer contract: what is written is read back, and nothing else is touched. */
import assert from "node:assert/strict";
import {
  ANNA,
  announced,
  type AnnouncerCase,
  keyOf,
  keysOf,
  nativeAt,
  OTHER,
  put,
  puts,
  remove,
  shown,
  standing,
  untilSeen,
  within,
  write,
  writeAll,
} from "./announcer-case.ts";

const MANY = Array.from({ length: 300 }, (_, n) => n + 1);

export const writeCases: readonly AnnouncerCase[] = [
  {
    name: "opens nothing until it is used",
    async run({ announcer, connections }, { path }) {
      announcer.announce(path("users"), ANNA);
      await Promise.resolve();
      assert.equal(connections(), 0);
    },
  },
  {
    name: "says of a target that is not there that nothing stands at it",
    async run({ announcer }, { path }) {
      assert.deepEqual((await standing(announcer.announce(path("users"), ANNA))).entries, []);
    },
  },
  {
    name: "has an instance that was put seen by everybody, and read back as what it is",
    async run({ announcer, seen }, { path }) {
      const users = announcer.announce(path("users"), ANNA);
      await writeAll(users, puts(1, 2));
      await untilSeen({ seen }, "users", [announced(1), announced(2)]);
      const { entries, refusal } = await standing(users);
      assert.equal(refusal, undefined);
      assert.equal(new Set(entries.map(({ key }) => key)).size, 2);
      for (const { instance, group, mine } of entries) {
        const { id, host, port, ready, origin } = instance;
        const wanted = announced(Number(id.slice(2)));
        assert.deepEqual(
          { id, host, port, ready, origin },
          { id: wanted.id, host: wanted.host, port: wanted.port, ready: true, origin: wanted.origin },
        );
        assert.deepEqual([group, mine], [ANNA.group, true]);
      }
    },
  },
  {
    name: "leaves one entry of what is put twice",
    async run({ announcer, seen }, { path }) {
      const users = announcer.announce(path("users"), ANNA);
      await writeAll(users, puts(1));
      await writeAll(users, puts(1));
      await untilSeen({ seen }, "users", [announced(1)]);
      assert.equal((await standing(users)).entries.length, 1);
    },
  },
  {
    name: "changes the entry of an instance that is put with another port",
    async run({ announcer, seen }, { path }) {
      const users = announcer.announce(path("users"), ANNA);
      await writeAll(users, puts(1, 2));
      await writeAll(users, [put(announced(1, 8081))]);
      await untilSeen({ seen }, "users", [announced(1, 8081), announced(2)]);
      assert.equal((await standing(users)).entries.length, 2);
    },
  },
  {
    name: "removes what it is told to, and nothing beside",
    async run({ announcer, seen }, { path }) {
      const users = announcer.announce(path("users"), ANNA);
      await writeAll(users, puts(1, 2, 3));
      const keys = keysOf(await standing(users), ANNA);
      await writeAll(users, [remove(keyOf("i-2", keys))]);
      await untilSeen({ seen }, "users", [announced(1), announced(3)]);
    },
  },
  {
    name: "puts again what was removed",
    async run({ announcer, seen }, { path }) {
      const users = announcer.announce(path("users"), ANNA);
      await writeAll(users, puts(1));
      await writeAll(users, [remove(keyOf("i-1", keysOf(await standing(users), ANNA)))]);
      await untilSeen({ seen }, "users", []);
      await writeAll(users, puts(1));
      await untilSeen({ seen }, "users", [announced(1)]);
    },
  },
  {
    name: "puts and removes in one write",
    async run({ announcer, seen }, { path }) {
      const users = announcer.announce(path("users"), ANNA);
      await writeAll(users, puts(1, 2));
      const keys = keysOf(await standing(users), ANNA);
      await writeAll(users, [remove(keyOf("i-1", keys)), ...puts(3), remove(keyOf("i-2", keys)), ...puts(4)]);
      await untilSeen({ seen }, "users", [announced(3), announced(4)]);
    },
  },
  {
    name: "writes hundreds at once, and takes them away at once",
    async run({ announcer, seen }, { path }) {
      const users = announcer.announce(path("users"), ANNA);
      await writeAll(users, puts(...MANY));
      await untilSeen(
        { seen },
        "users",
        MANY.map((n) => announced(n)),
      );
      const keys = keysOf(await standing(users), ANNA);
      assert.equal(keys.size, MANY.length);
      await writeAll(users, [...keys.values()].map(remove));
      await untilSeen({ seen }, "users", []);
    },
  },
  {
    name: "keeps targets apart",
    async run({ announcer, seen }, { path }) {
      const users = announcer.announce(path("users"), ANNA);
      const orders = announcer.announce(path("orders"), ANNA);
      await writeAll(users, puts(1));
      await writeAll(orders, puts(2));
      await writeAll(users, [remove(keyOf("i-1", keysOf(await standing(users), ANNA)))]);
      await untilSeen({ seen }, "users", []);
      await untilSeen({ seen }, "orders", [announced(2)]);
    },
  },
  {
    name: "gives one outcome for each change, also where one of them cannot be",
    async run({ announcer, seen }, { path }) {
      const users = announcer.announce(path("users"), ANNA);
      await writeAll(users, puts(1));
      const tags = await write(users, [...puts(2), remove("no such key"), ...puts(3)]);
      assert.deepEqual([tags[0], tags[2]], ["done", "done"]);
      await untilSeen({ seen }, "users", [announced(1), announced(2), announced(3)]);
    },
  },
  {
    name: "tells what it would write, and does not write it",
    async run({ announcer, seen }, { path }) {
      const users = announcer.announce(path("users"), ANNA);
      await writeAll(users, puts(1));
      const before = await standing(users);
      const changes = [...puts(2), remove(keyOf("i-1", keysOf(before, ANNA)))];
      const planned = users.plan(changes);
      assert.ok(planned.length > 0);
      for (const { op, object } of planned) assert.ok(["create", "update", "delete"].includes(op) && object !== "");
      assert.equal(shown(await seen("users")), shown([nativeAt(1)]));
      assert.deepEqual(await standing(users), before);
    },
  },
  {
    name: "shows what others put, and who of them is no announcer",
    needs: ["native"],
    async run({ announcer, native }, { path }) {
      await native("users", nativeAt(9));
      const users = announcer.announce(path("users"), ANNA);
      await writeAll(users, puts(1));
      const { entries } = await standing(users);
      const foreign = entries.find(({ group }) => group === undefined);
      assert.deepEqual([foreign?.instance.host, foreign?.mine], [announced(9).host, false]);
      assert.equal(foreign?.instance.origin, undefined);
      assert.equal(entries.length, 2);
    },
  },
  {
    name: "removes nothing that no announcer wrote, whatever it is told",
    needs: ["native"],
    async run({ announcer, native, seen }, { path }) {
      await native("users", nativeAt(9));
      const users = announcer.announce(path("users"), ANNA);
      await writeAll(users, puts(1));
      const { entries } = await standing(users);
      const foreign = entries.find(({ group }) => group === undefined);
      const [tag] = await write(users, [remove(foreign?.key ?? "")]);
      assert.notEqual(tag, "done");
      await untilSeen({ seen }, "users", [announced(1), announced(9)]);
    },
  },
  {
    name: "removes nothing of another group, whatever it is told",
    needs: ["groups"],
    async run({ announcer, another, seen }, { path }) {
      const theirs = (await another()).announce(path("users"), OTHER);
      await writeAll(theirs, puts(2));
      const ours = announcer.announce(path("users"), ANNA);
      await writeAll(ours, puts(1));
      const key = keyOf("i-2", keysOf(await standing(ours), OTHER, false));
      const [tag] = await write(ours, [remove(key)]);
      assert.notEqual(tag, "done");
      await untilSeen({ seen }, "users", [announced(1), announced(2)]);
    },
  },
  {
    name: "finds the targets of a group, and no other group's",
    async run({ announcer, another }, { path }) {
      const paths = async (group: string): Promise<readonly string[]> =>
        (await announcer.owned(group, within())).map(({ show }) => show).sort();
      assert.deepEqual(await paths(ANNA.group), []);
      const users = announcer.announce(path("users"), ANNA);
      await writeAll(users, puts(1));
      await writeAll(announcer.announce(path("orders"), ANNA), puts(2));
      await writeAll((await another()).announce(path("carts"), OTHER), puts(3));
      assert.deepEqual(await paths(ANNA.group), [path("orders").show, path("users").show]);
      assert.deepEqual(await paths(OTHER.group), [path("carts").show]);
      await writeAll(users, [remove(keyOf("i-1", keysOf(await standing(users), ANNA)))]);
      assert.deepEqual(await paths(ANNA.group), [path("orders").show]);
    },
  },
  {
    name: "reads the payload back that it wrote",
    needs: ["payload"],
    async run({ announcer }, { path }) {
      const users = announcer.announce(path("users"), ANNA);
      const payload = { "@class": "com.example.Users", tags: ["a"] };
      await writeAll(users, [put({ ...announced(1), payload })]);
      const [entry] = (await standing(users)).entries;
      assert.deepEqual(entry?.instance.payload, payload);
    },
  },
  {
    name: "reads the metadata back that it wrote",
    needs: ["meta"],
    async run({ announcer }, { path }) {
      const users = announcer.announce(path("users"), ANNA);
      await writeAll(users, [put({ ...announced(1), meta: { version: "7", "build-id": "a b=c,é" } })]);
      const [entry] = (await standing(users)).entries;
      assert.equal(entry?.instance.meta?.["version"], "7");
      assert.equal(entry?.instance.meta?.["build-id"], "a b=c,é");
    },
  },
];
