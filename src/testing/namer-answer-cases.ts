/** Clauses of the namer contract: what a look-up answers. */
import assert from "node:assert/strict";
import { Path } from "linkspan/plugin";
import { eventually } from "./eventually.ts";
import { FollowedName, FollowedVar } from "./followed-var.ts";
import { instance, type NamerCase, untilNeg, untilPorts } from "./namer-case.ts";

export const answerCases: readonly NamerCase[] = [
  {
    name: "is pending first and ok with the first snapshot",
    async run({ namer, put }, { path }) {
      await put("users", [instance(1), instance(2)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      assert.equal(followed.tree.states[0]?.tag, "pending");
      await untilPorts(followed, [8001, 8002]);
      assert.deepEqual(
        followed.tree.states.map((state) => state.tag),
        ["pending", "ok"],
      );
    },
  },
  {
    name: "asks nothing for a name that nobody observes",
    needs: ["watches"],
    async run({ namer, put }, { path }) {
      await put("users", [instance(1)]);
      const found = namer.lookup(path("users"));
      assert.equal(found.sample().tag, "pending");
      assert.deepEqual(namer.watches(), []);
    },
  },
  {
    name: "binds a name to an id of its own without a residual",
    async run({ namer, put }, { path }) {
      await put("users", [instance(1)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001]);
      assert.equal(followed.bound?.id.show, path("users").show);
      assert.equal(followed.bound?.residual.show, "/");
    },
  },
  {
    name: "keeps the residual of a longer path, and its id is the same",
    async run({ namer, put }, { path }) {
      await put("users", [instance(1)]);
      using followed = new FollowedName(namer.lookup(path("users", "v1", "x")));
      await untilPorts(followed, [8001]);
      assert.equal(followed.bound?.id.show, path("users").show);
      assert.equal(followed.bound?.residual.show, "/v1/x");
    },
  },
  {
    name: "says neg for a name that its backend does not have",
    async run({ namer, put }, { path }) {
      await put("users", [instance(1)]);
      using followed = new FollowedName(namer.lookup(path("nobody")));
      await untilNeg(followed);
    },
  },
  {
    name: "says neg for the empty path",
    async run({ namer, put }) {
      await put("users", [instance(1)]);
      using followed = new FollowedName(namer.lookup(Path.empty));
      await untilNeg(followed);
    },
  },
  {
    name: "says neg for elements that could lead elsewhere",
    async run({ namer, put }, { path }) {
      await put("users", [instance(1)]);
      const home = path("users").take(path("users").elems.length - 1);
      for (const odd of [Path.of(".."), Path.of("."), Path.of("a/b"), Path.of("a\0b"), Path.of("..", "users")]) {
        using followed = new FollowedName(namer.lookup(home.concat(odd)));
        await untilNeg(followed);
      }
    },
  },
  {
    name: "names 50 services at once",
    async run({ namer, put }, { path }) {
      const services = Array.from({ length: 50 }, (_, n) => `s-${n}`);
      for (const [n, service] of services.entries()) await put(service, [instance(n)]);
      const all = services.map((service) => new FollowedName(namer.lookup(path(service))));
      await Promise.all(all.map((followed, n) => untilPorts(followed, [8000 + n])));
      all.forEach((followed) => followed[Symbol.dispose]());
    },
  },
  {
    name: "lists its names and follows them",
    needs: ["names"],
    async run({ namer, put, drop }, { path }) {
      await put("users", [instance(1)]);
      using names = new FollowedVar(namer.names());
      const shown = (): string =>
        (names.value ?? [])
          .map((each) => each.show)
          .sort()
          .join();
      const listed = (...services: string[]): string => services.map((each) => path(each).show).join();
      await eventually("one name", () => shown() === listed("users"));
      await put("orders", [instance(2)]);
      await eventually("two names", () => shown() === listed("orders", "users"));
      await drop("users");
      await eventually("one name again", () => shown() === listed("orders"));
    },
  },
  {
    name: "shows its instances as a registry keeps them",
    needs: ["instances"],
    async run({ namer, put }, { path }) {
      await put("users", [instance(1), instance(2)]);
      using instances = new FollowedVar(namer.instances(path("users")));
      await eventually("two instances", () => instances.value?.length === 2);
      const ports = instances.value?.map((each) => `${each.port}:${each.ready}`).sort();
      assert.deepEqual(ports, ["8001:true", "8002:true"]);
    },
  },
];
