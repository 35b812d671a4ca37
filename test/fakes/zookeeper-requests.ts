/** What the fake ZooKeeper does at each request. */
import type { JuteReader, JuteWriter } from "../../namers/zookeeper/jute.ts";
import { Op } from "../../namers/zookeeper/records.ts";
import { FakeError, type FakeTree, writeStat } from "./zookeeper-tree.ts";
import type { FakeWatches } from "./zookeeper-watches.ts";

export interface RequestContext {
  readonly tree: FakeTree;
  readonly watches: FakeWatches;
  readonly sessionId: bigint;
  /** Of this node and those below it children are kept secret. */
  readonly liesBelow: string | undefined;
  tell(type: number, path: string): void;
}

/** Writes the reply's body; throws FakeError for an error. */
export function serve(op: number, reader: JuteReader, writer: JuteWriter, context: RequestContext): void {
  const handler = handlers[op];
  if (!handler) throw new FakeError(-6);
  handler(reader, writer, context, op);
}

type Handler = (reader: JuteReader, writer: JuteWriter, context: RequestContext, op: number) => void;

const handlers: Readonly<Record<number, Handler>> = {
  [Op.create]: create,
  [Op.create2]: create,
  [Op.createContainer]: create,
  [Op.createTtl]: create,
  [Op.delete]: (reader, _, { tree }) => tree.delete(reader.string(), reader.int()),
  [Op.exists]: (reader, writer, { tree, watches }) => {
    const path = reader.string();
    if (reader.boolean()) watches.data.add(path);
    writeStat(writer, tree.at(path));
  },
  [Op.getData]: (reader, writer, { tree, watches }) => {
    const path = reader.string();
    const node = tree.at(path);
    if (reader.boolean()) watches.data.add(path);
    writer.buffer(node.data);
    writeStat(writer, node);
  },
  [Op.getChildren2]: (reader, writer, { tree, watches, liesBelow = "-" }) => {
    const path = reader.string();
    const node = tree.at(path);
    if (reader.boolean()) watches.children.add(path);
    writer.vector(path.startsWith(liesBelow) ? [] : [...node.children], (name) => writer.string(name));
    writeStat(writer, node);
  },
  [Op.setData]: (reader, writer, { tree }) => {
    writeStat(writer, tree.setData(reader.string(), reader.buffer() ?? Buffer.alloc(0), reader.int()));
  },
  [Op.sync]: (reader, writer) => void writer.string(reader.string()),
  [Op.multi]: multi,
  [Op.addWatch]: (reader, _, { watches }) => {
    const path = reader.string();
    if (reader.int() === 1) watches.recursive.add(path);
    else watches.persistent.add(path);
  },
  [Op.removeWatches]: (reader, _, { watches }) => {
    if (!watches.remove(reader.string(), reader.int())) throw new FakeError(-121);
  },
  [Op.setWatches]: (reader, _, { watches, tree, tell }) => watches.restore(reader, false, tree, tell),
  [Op.setWatches2]: (reader, _, { watches, tree, tell }) => watches.restore(reader, true, tree, tell),
};

function create(reader: JuteReader, writer: JuteWriter, context: RequestContext, op: number): void {
  const made = parseCreate(reader, op)(context);
  writer.string(made);
  if (op !== Op.create) writeStat(writer, context.tree.at(made));
}

function parseCreate(reader: JuteReader, op: number): (context: RequestContext) => string {
  const path = reader.string();
  const data = reader.buffer() ?? Buffer.alloc(0);
  reader.vector(() => [reader.int(), reader.string(), reader.string()]);
  const flags = reader.int();
  if (op === Op.createTtl) reader.long();
  const sequential = flags === 2 || flags === 3 || flags === 6;
  return ({ tree, sessionId }) => {
    const owner = flags === 1 || flags === 3 ? sessionId : 0n;
    return tree.create(path, data, { owner, sequential, container: op === Op.createContainer });
  };
}

/** One operation of a multi: done when called, then it writes its part of the reply. */
type Step = (context: RequestContext) => (writer: JuteWriter) => void;

function multi(reader: JuteReader, writer: JuteWriter, context: RequestContext): void {
  const steps: Step[] = [];
  for (;;) {
    const op = reader.int();
    const done = reader.boolean();
    reader.int();
    if (done) break;
    steps.push(parseStep(reader, op));
  }
  const replies: ((writer: JuteWriter) => void)[] = [];
  try {
    context.tree.atomically(() => steps.forEach((step) => replies.push(step(context))));
    for (const reply of replies) reply(writer);
  } catch (error) {
    if (!(error instanceof FakeError)) throw error;
    const at = replies.length;
    for (let each = 0; each < steps.length; each++) {
      const number = each < at ? 0 : each === at ? error.number : -2;
      writer.int(-1).boolean(false).int(number).int(number);
    }
  }
  writer.int(-1).boolean(true).int(-1);
}

function parseStep(reader: JuteReader, op: number): Step {
  const header = (writer: JuteWriter): JuteWriter => writer.int(op).boolean(false).int(0);
  if (op === Op.create || op === Op.createContainer || op === Op.createTtl) {
    const make = parseCreate(reader, op);
    return (context) => {
      const made = make(context);
      return (writer) => void writer.int(Op.create).boolean(false).int(0).string(made);
    };
  }
  const path = reader.string();
  const data = op === Op.setData ? (reader.buffer() ?? Buffer.alloc(0)) : Buffer.alloc(0);
  const version = reader.int();
  return ({ tree }) => {
    if (op === Op.setData) {
      const node = tree.setData(path, data, version);
      return (writer) => writeStat(header(writer), node);
    }
    if (op === Op.check) tree.check(path, version);
    else tree.delete(path, version);
    return (writer) => void header(writer);
  };
}
