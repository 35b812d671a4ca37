/** Clauses of the namer contract: changes that come at once, crosswise, or undo each other. */
import assert from "node:assert/strict";
import { quietFor } from "./eventually.ts";
import { FollowedName } from "./followed-var.ts";
import { instance, isGone, type NamerCase, portsOf, untilGone, untilNeg, untilPorts } from "./namer-case.ts";

export const changeCases: readonly NamerCase[] = [
  {
    name: "follows a service that goes and comes again at once with other addresses",
    async run({ namer, put, drop }, { path }) {
      await put("users", [instance(1), instance(2)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001, 8002]);
      for (const n of [3, 5, 7]) {
        await drop("users");
        await put("users", [instance(n), instance(n + 1)]);
      }
      await untilPorts(followed, [8007, 8008]);
      await quietFor(200);
      assert.equal(portsOf(followed), "8007,8008");
    },
  },
  {
    name: "follows an instance whose id is used again for another address",
    async run({ namer, put }, { path }) {
      await put("users", [instance(1), instance(2)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001, 8002]);
      await put("users", [instance(2)]);
      await put("users", [instance(1, 8101), instance(2)]);
      await untilPorts(followed, [8002, 8101]);
    },
  },
  {
    name: "gives an address to the service that has it now",
    async run({ namer, put }, { path }) {
      await put("users", [instance(1), instance(2)]);
      await put("orders", [instance(3)]);
      using one = new FollowedName(namer.lookup(path("users")));
      using other = new FollowedName(namer.lookup(path("orders")));
      await untilPorts(one, [8001, 8002]);
      await untilPorts(other, [8003]);
      await put("users", [instance(1)]);
      await put("orders", [instance(3), instance(9, 8002)]);
      await untilPorts(one, [8001]);
      await untilPorts(other, [8002, 8003]);
    },
  },
  {
    name: "follows a service that is renamed",
    async run({ namer, put, drop }, { path }) {
      await put("users", [instance(1), instance(2)]);
      using before = new FollowedName(namer.lookup(path("users")));
      using after = new FollowedName(namer.lookup(path("people")));
      await untilPorts(before, [8001, 8002]);
      await untilNeg(after);
      await put("people", [instance(1), instance(2)]);
      await drop("users");
      await untilPorts(after, [8001, 8002]);
      await untilNeg(before);
    },
  },
  {
    name: "follows a service down to nobody and up again, and again",
    async run({ namer, put }, { path }) {
      await put("users", [instance(1)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001]);
      for (let round = 2; round < 5; round++) {
        await put("users", []);
        await untilGone(followed);
        await put("users", [instance(round), instance(round + 10)]);
        await untilPorts(followed, [8000 + round, 8010 + round]);
      }
    },
  },
  {
    name: "says nobody of a service that was empty when it was first asked, and follows what comes",
    async run({ namer, put }, { path }) {
      await put("users", [instance(1)]);
      await put("users", []);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilGone(followed);
      await put("users", [instance(2)]);
      await untilPorts(followed, [8002]);
    },
  },
  {
    name: "tells of far fewer states than there were changes, and of the last one",
    async run({ namer, put }, { path }) {
      await put("users", [instance(0)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8000]);
      const told = followed.addresses?.states.length ?? 0;
      await Promise.all([quietFor(300), rewrite(put, 150)]);
      await untilPorts(followed, [8150]);
      const heard = (followed.addresses?.states.length ?? 0) - told;
      assert.ok(heard < 100, `150 changes were told ${heard} times`);
    },
  },
  {
    name: "follows 60 services that all change at once",
    async run({ namer, put }, { path }) {
      const services = Array.from({ length: 60 }, (_, n) => `s-${n}`);
      await Promise.all(services.map((service, n) => put(service, [instance(n)])));
      const all = services.map((service) => new FollowedName(namer.lookup(path(service))));
      await Promise.all(all.map((followed, n) => untilPorts(followed, [8000 + n], 10_000)));
      await Promise.all(services.map((service, n) => put(service, [instance(n, 9000 + n)])));
      await Promise.all(all.map((followed, n) => untilPorts(followed, [9000 + n], 10_000)));
      all.forEach((followed) => followed[Symbol.dispose]());
    },
  },
  {
    name: "takes an instance out that says it is not ready, and in again when it is",
    needs: ["signs"],
    async run({ namer, put }, { path }) {
      await put("users", [instance(1), instance(2)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001, 8002]);
      await put("users", [{ ...instance(1), ready: false }, instance(2)]);
      await untilPorts(followed, [8002]);
      await put("users", [instance(1), instance(2)]);
      await untilPorts(followed, [8001, 8002]);
    },
  },
  {
    name: "never calls an instance that was not ready from its start",
    needs: ["signs"],
    async run({ namer, put }, { path }) {
      await put("users", [{ ...instance(1), ready: false }]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilGone(followed);
      await put("users", [{ ...instance(1), ready: false }, instance(2)]);
      await untilPorts(followed, [8002]);
      assert.ok(!isGone(followed));
    },
  },
];

async function rewrite(put: (service: string, of: [ReturnType<typeof instance>]) => Promise<void>, times: number) {
  for (let n = 1; n <= times; n++) await put("users", [instance(n)]);
}
