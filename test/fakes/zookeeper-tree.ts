/** The nodes of the fake ZooKeeper, and what every change of them is called. */
import type { JuteWriter } from "../../namers/zookeeper/jute.ts";
import { EventType } from "../../namers/zookeeper/records.ts";

export interface FakeNode {
  data: Buffer;
  readonly children: Set<string>;
  readonly czxid: bigint;
  mzxid: bigint;
  pzxid: bigint;
  readonly ctime: number;
  mtime: number;
  version: number;
  cversion: number;
  readonly owner: bigint;
  readonly container: boolean;
  sequence: number;
}

/** Thrown with ZooKeeper's number. */
export class FakeError extends Error {
  readonly number: number;
  constructor(number: number) {
    super(`error ${number}`);
    this.number = number;
  }
}

export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf("/")) || "/";
const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

export class FakeTree {
  readonly nodes = new Map<string, FakeNode>();
  zxid = 0n;
  #changed: (type: number, path: string) => void;

  constructor(changed: (type: number, path: string) => void) {
    this.#changed = changed;
    this.wipe();
  }

  wipe(): void {
    this.nodes.clear();
    this.zxid = 0n;
    this.#add("/", Buffer.alloc(0), 0n, false);
  }

  at(path: string): FakeNode {
    const node = this.nodes.get(path);
    if (!node) throw new FakeError(-101);
    return node;
  }

  create(path: string, data: Buffer, mode: { owner: bigint; sequential: boolean; container: boolean }): string {
    const parentPath = parentOf(path);
    const parent = this.at(parentPath);
    if (parent.owner !== 0n) throw new FakeError(-108);
    const full = mode.sequential ? path + String(parent.sequence).padStart(10, "0") : path;
    if (this.nodes.has(full)) throw new FakeError(-110);
    this.zxid++;
    parent.sequence++;
    parent.cversion++;
    parent.pzxid = this.zxid;
    parent.children.add(nameOf(full));
    this.#add(full, data, mode.owner, mode.container);
    this.#changed(EventType.created, full);
    this.#changed(EventType.childrenChanged, parentPath);
    return full;
  }

  delete(path: string, version: number): void {
    const node = this.at(path);
    if (version !== -1 && version !== node.version) throw new FakeError(-103);
    if (node.children.size > 0) throw new FakeError(-111);
    const parent = this.at(parentOf(path));
    this.zxid++;
    this.nodes.delete(path);
    parent.children.delete(nameOf(path));
    parent.cversion++;
    parent.pzxid = this.zxid;
    this.#changed(EventType.deleted, path);
    this.#changed(EventType.childrenChanged, parentOf(path));
  }

  setData(path: string, data: Buffer, version: number): FakeNode {
    const node = this.check(path, version);
    this.zxid++;
    node.data = data;
    node.mzxid = this.zxid;
    node.mtime = Date.now();
    node.version++;
    this.#changed(EventType.changed, path);
    return node;
  }

  check(path: string, version: number): FakeNode {
    const node = this.at(path);
    if (version !== -1 && version !== node.version) throw new FakeError(-103);
    return node;
  }

  /** Runs `work` so that nothing of it happened when it throws; events come after it. */
  atomically(work: () => void): void {
    const before = new Map(
      [...this.nodes].map(([path, node]) => [path, { ...node, children: new Set(node.children) }]),
    );
    const { zxid } = this;
    const events: [number, string][] = [];
    const tell = this.#changed;
    this.#changed = (type, path) => void events.push([type, path]);
    try {
      work();
    } catch (error) {
      this.nodes.clear();
      for (const [path, node] of before) this.nodes.set(path, node);
      this.zxid = zxid;
      throw error;
    } finally {
      this.#changed = tell;
    }
    for (const [type, path] of events) tell(type, path);
  }

  #add(path: string, data: Buffer, owner: bigint, container: boolean): void {
    const now = Date.now();
    const { zxid } = this;
    const times = { czxid: zxid, mzxid: zxid, pzxid: zxid, ctime: now, mtime: now };
    const counts = { version: 0, cversion: 0, sequence: 0 };
    this.nodes.set(path, { data, children: new Set(), owner, container, ...times, ...counts });
  }
}

export function writeStat(writer: JuteWriter, node: FakeNode): void {
  writer.long(node.czxid).long(node.mzxid).long(BigInt(node.ctime)).long(BigInt(node.mtime));
  writer.int(node.version).int(node.cversion).int(0).long(node.owner);
  writer.int(node.data.length).int(node.children.size).long(node.pzxid);
}
