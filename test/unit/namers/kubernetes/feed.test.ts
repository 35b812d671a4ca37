/** A feed: what belongs to a Service, and how it is known what changed. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Feed, type OfService } from "../../../../namers/kubernetes/feed.ts";

const nothing = (): void => undefined;

interface Thing extends OfService {
  readonly name: string;
}

const thing = (service: string, name: string): Thing => ({ service, name });

/** A feed whose followers of `users` and `orders` write down what they hear. */
function feeding() {
  const feed = new Feed<Thing>({ unreadable: nothing, readable: nothing, expired: nothing, repaired: nothing });
  const heard: string[] = [];
  for (const service of ["users", "orders"]) {
    feed.follow(service, {
      changed: () => void heard.push(`${service} changed`),
      failed: ({ message }) => void heard.push(`${service}: ${message}`),
      well: () => void heard.push(`${service} well`),
    });
  }
  const known = (): void => {
    feed.settled("list");
    heard.length = 0;
  };
  return { feed, heard, known };
}

const UNSEEN = "it changed between two watches, and how was not seen";

describe("a feed", () => {
  test("tells all who follow of the first list, as nothing was known that could have gone unseen", () => {
    const { feed, heard } = feeding();
    feed.changed(undefined, thing("users", "a"));
    assert.equal(feed.isKnown, false);
    feed.settled("list");
    assert.deepEqual(heard, ["users changed", "orders changed"]);
    assert.equal(feed.isKnown, true);
  });

  test("tells of what events changed only who follows that Service", () => {
    const { feed, heard, known } = feeding();
    known();
    const a = thing("users", "a");
    feed.changed(undefined, a);
    feed.settled("events");
    feed.changed(a, undefined);
    feed.settled("events");
    assert.deepEqual(heard, ["users changed", "users changed"]);
    assert.deepEqual(feed.of("users"), []);
  });

  test("says of what a later list changed that nobody saw how, and of nothing else", () => {
    const { feed, heard, known } = feeding();
    const a = thing("users", "a");
    feed.changed(undefined, a);
    known();
    feed.changed(a, undefined);
    feed.settled("list");
    feed.settled("list");
    assert.deepEqual(heard, [`users: ${UNSEEN}`, "users changed"]);
  });

  test("says nothing more of a list that ends an outage: its followers know of that", () => {
    const { feed, heard, known } = feeding();
    known();
    feed.failed(new Error("it is away"));
    feed.changed(undefined, thing("users", "b"));
    feed.settled("list");
    feed.well();
    const told = ["users: it is away", "orders: it is away", "users changed", "users well", "orders well"];
    assert.deepEqual(heard, told);
    assert.equal(feed.trouble, undefined);
  });

  test("tells nobody who has left", () => {
    const { feed, heard, known } = feeding();
    known();
    const follower = { changed: () => assert.fail("it has left"), failed: nothing, well: nothing };
    feed.follow("users", follower);
    feed.leave("users", follower);
    feed.changed(undefined, thing("users", "a"));
    feed.settled("events");
    assert.deepEqual(heard, ["users changed"]);
  });
});
