import assert from "node:assert/strict";
import { test } from "node:test";
import { RecordingLog } from "../../../../src/testing/recording-log.ts";
import { EventType } from "../../../../namers/zookeeper/records.ts";
import { Watcher } from "../../../../namers/zookeeper/watcher.ts";
import { type WatchKind, WatchRegistry } from "../../../../namers/zookeeper/watches.ts";

function setup(): { registry: WatchRegistry; events: string[]; watch: (name: string) => Watcher } {
  const registry = new WatchRegistry(new RecordingLog());
  const events: string[] = [];
  const watch = (name: string): Watcher =>
    new Watcher(
      { noticed: (event) => void events.push(`${name} ${event.type} ${event.path}`) },
      { inside: (path) => path, forget: (watcher) => void registry.forget(watcher) },
    );
  return { registry, events, watch };
}

test("each kind of watch of one time is used up by its events, and by no others", () => {
  const table: [WatchKind, number[]][] = [
    ["data", [EventType.created, EventType.changed, EventType.deleted]],
    ["exists", [EventType.created, EventType.changed, EventType.deleted]],
    ["children", [EventType.childrenChanged, EventType.deleted]],
  ];
  for (const [kind, fires] of table) {
    for (const type of Object.values(EventType)) {
      const { registry, events, watch } = setup();
      registry.add(kind, "/a", watch("w"));
      registry.dispatch(type, "/other");
      registry.dispatch(type, "/a");
      registry.dispatch(type, "/a");
      assert.equal(events.length, fires.includes(type) ? 1 : 0, `${kind} ${type}`);
    }
  }
});

test("a recursive watch hears everything below it but lists of children, once each", () => {
  const { registry, events, watch } = setup();
  const watcher = watch("w");
  registry.add("recursive", "/", watcher);
  registry.add("recursive", "/a", watcher);
  registry.add("data", "/a/b", watcher);
  registry.dispatch(EventType.changed, "/a/b");
  registry.dispatch(EventType.childrenChanged, "/a");
  registry.dispatch(EventType.created, "/ab");
  assert.deepEqual(events, ["w changed /a/b", "w created /ab"]);
});

test("an event type that nobody knows is nobody's", () => {
  const { registry, events, watch } = setup();
  registry.add("persistent", "/a", watch("w"));
  registry.dispatch(99, "/a");
  assert.deepEqual(events, []);
});

test("a watcher disposed by the one told before it is not told", () => {
  const { registry, events, watch } = setup();
  const second = watch("second");
  const first = new Watcher(
    { noticed: () => second[Symbol.dispose]() },
    { inside: (path) => path, forget: () => undefined },
  );
  registry.add("data", "/a", first);
  registry.add("data", "/a", second);
  registry.dispatch(EventType.changed, "/a");
  assert.deepEqual(events, []);
});

test("forgetting a watcher names the paths that nobody watches or is about to watch", () => {
  const { registry, watch } = setup();
  const first = watch("first");
  const second = watch("second");
  for (const path of ["/mine", "/shared", "/expected"]) registry.add("data", path, first);
  registry.add("children", "/shared", second);
  registry.expect("/expected");
  assert.deepEqual(registry.forget(first), ["/mine"]);
  registry.settled("/expected");
  assert.equal(registry.isWatched("/expected"), false);
  assert.deepEqual(first.paths, []);
  assert.deepEqual(registry.paths().children, ["/shared"]);
});

test("what a session takes with it leaves the registry at once, and is told later", () => {
  const { registry, events, watch } = setup();
  registry.add("data", "/a", watch("one"));
  registry.add("persistent", "/b", watch("two"));
  const lost = registry.takeOneTime();
  assert.deepEqual(events, []);
  assert.deepEqual(registry.paths().data, []);
  for (const each of lost) registry.tellLost(each);
  assert.deepEqual(events, ["one lost /a"]);
  assert.deepEqual(registry.paths().persistent, ["/b"]);
});
