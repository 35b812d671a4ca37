// Each sentence of what the guard, readiness and the snapshot promise, and the tests that hold it.
import { test } from "node:test";
import { assertHeld, type Promised } from "./promise.ts";

const unit = "test/unit/base/guard.test.ts";
const loss = "test/e2e/mass-loss.test.ts";
const operator = "test/e2e/guard.test.ts";
const place = "test/unit/namers/fs/place.test.ts";
const recall = "test/unit/snapshot/remembering-namer.test.ts";
const keeper = "test/unit/snapshot/snapshot-keeper.test.ts";
const file = "test/unit/snapshot/snapshot-file.test.ts";
const disk = "test/e2e/snapshot.test.ts";
const explained = "test/unit/naming/show-explanation.test.ts";
const settings =
  "the guard holds for half a minute, no source is too stale, and a memory is kept for a week, unless the file says else";

const promises: readonly Promised[] = [
  [
    "a sign takes effect at once and is never held",
    [unit, "lets a sign take effect at once, whatever it takes, and during a hold too"],
    ["src/testing/namer-guard-cases.ts", "holds nothing of what instances say themselves, were it all of them"],
  ],
  [
    "each registry has signs of its own",
    ["test/unit/namers/zookeeper/curator-reader.test.ts", "an instance that is not enabled is withdrawn by sign"],
    ["test/unit/namers/zookeeper/serverset-reader.test.ts", "vectors say the weights, and take members out by a sign"],
    [
      "test/unit/namers/kubernetes/service-namer.test.ts",
      "who said that it leaves may vanish, the last one too; who did not is held until a look on a fresh connection",
    ],
  ],
  ["an error never changes a set", [recall, "is passed on as the registry says it, changes, trouble and all"]],
  ["a small loss takes effect at once", [unit, "lets a loss of up to half take effect at once"]],
  [
    "the net loss within the hold counts",
    [unit, "adds up losses within the hold: a hundred that expire one by one are a mass loss"],
    [unit, "forgets losses that are older than the hold"],
  ],
  [
    "more than half of a name is held",
    [unit, "holds the loss of more than half: what was lost stays beside what is new"],
  ],
  ["what empties a name is held", [unit, "holds what empties a name, or makes it vanish"]],
  [
    "more than a fifth of all names of a source is held",
    [unit, "holds names that vanish, empty as they are, when more than a fifth of all do"],
    [unit, "holds small losses too while more than a fifth of all names are being lost"],
  ],
  [
    "a hundred that expire one by one are held, and one that deregisters is gone at once",
    [
      loss,
      "are held like an empty answer when a hundred of them expire one by one; one that deregisters is gone at once",
    ],
  ],
  [
    "a rolling replacement, and A replaced by B, are no loss",
    [unit, "takes a rolling replacement, and A replaced by B, for no loss"],
    [loss, "are replaced one by one, or all by one, without a hold"],
  ],
  [
    "an entry that is made again at a reconnect is no loss",
    [unit, "takes an entry that is deleted and made again at a reconnect for no loss"],
  ],
  ["requests go to what is alive", [loss, "cost no request while they are held: what refuses connections gets none"]],
  [
    "the hold ends when the source shows again what was lost",
    [unit, "ends the hold as soon as what was lost is shown again, and the newest set applies"],
    [loss, "a service that was back within it was there all the time"],
  ],
  [
    "it is believed at once when nothing of it can be connected to",
    [unit, "believes at once when nothing of it can be connected to, or when it is released"],
  ],
  [
    "the hold ends within its time",
    [
      "test/property/guard.test.ts",
      "shows all that is new, loses nothing that is held but by a sign, and ends within the hold",
    ],
  ],
  [
    "a fall-back takes over without a failed request",
    ["test/e2e/fallback.test.ts", "takes over without a failed request when the service dies while it is held"],
  ],
  [
    "for files an edit is a sign",
    [unit, "takes all absence for a sign where an edit is one"],
    [place, "taking most lines away is an edit, and is believed at once"],
  ],
  [
    "a file that is empty, cut short or unreadable is a loss",
    [place, "a file that ends in the middle of its only line is held, and its end comes as an edit"],
  ],
  [
    "after the hold a fresh read decides",
    [unit, "believes the same loss when a second look shows it after the hold"],
    [loss, "the same loss is believed when a fresh connection shows it again"],
  ],
  [
    "the fresh read is on a connection of its own, and of what is newest",
    [
      "test/unit/namers/zookeeper/node-mirror.test.ts",
      "a fresh reader asks on a connection of its own, after a sync, and leaves none behind",
    ],
    [
      "test/unit/namers/consul/service-source.test.ts",
      "a second look is on a connection of its own, and consistent whatever the namer asks for else",
    ],
    [
      "test/unit/namers/kubernetes/service-namer.test.ts",
      "who said that it leaves may vanish, the last one too; who did not is held until a look on a fresh connection",
    ],
  ],
  [
    "anything else replaces what was held",
    [unit, "lets anything else that the second look shows replace what was held"],
    [unit, "holds a loss that the second look shows and the first did not, anew"],
  ],
  [
    "held and stale show in metrics, views and one line",
    [operator, "believes at once what an operator releases, by its bound or its logical name, and logs the order"],
    [unit, "tells of a wipe of thousands of names in a handful of lines, and of each order by itself"],
  ],
  [
    "held and stale show in explanations, and on the page",
    [explained, "the text shows shares, ages and staleness"],
    [explained, "a loss that is not believed yet is told with its age"],
    [
      "test/browser/playground.test.ts",
      "names a request as the router would, and says of a name that a loss of it is held",
    ],
  ],
  ["thresholds, the hold and what is kept are settings", ["test/unit/config/linkerd.test.ts", settings]],
  [
    "an operator's order is believed at once",
    [operator, "believes at once what an operator releases, by its bound or its logical name, and logs the order"],
  ],
  [
    "a hold of 0 turns the guard off",
    [unit, "is off with a hold of 0"],
    [loss, "a hold of nothing believes every loss at once"],
  ],
  [
    "maxStale turns readiness, and leaves the set",
    [operator, "is ready, until a source has not been confirmed for longer than it may; its names stay in use"],
  ],
  [
    "a daemon that restarts in an outage serves at once",
    [disk, "serves from its snapshot within a second when it starts during an outage"],
  ],
  [
    "the first answer after that is judged by the snapshot",
    [recall, "is held where it is empty, and believed when a second look says the same after the hold"],
    [disk, "holds an empty answer of a registry that was wiped meanwhile, and follows it from then on"],
  ],
  [
    "the format is versioned and checksummed",
    [file, "another version, and what is no snapshot, say so"],
    [file, "it is refused wherever it is cut, and whichever byte of it is another"],
  ],
  [
    "it is written atomically",
    [file, "one that cannot be written leaves the one before as it was, and nothing beside it"],
  ],
  [
    "names that nobody watches stay until they are too old",
    [keeper, "what nobody watches stays for as long as it is kept, through restarts, and then goes"],
  ],
  [
    "what is unobserved starts from it in an outage",
    [loss, "is forgotten by the daemon and not by its memory: in an outage it starts from there"],
  ],
];

test("every sentence of the promise has tests, and they are there", () => assertHeld(promises));
