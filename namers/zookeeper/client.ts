/** A ZooKeeper client: one session, held over as many connections as it takes, and renewed when it expires. */
import { Scope } from "linkspan/plugin";
import { parseConnectString } from "./connect-string.ts";
import type { JuteReader } from "./jute.ts";
import { type MultiOperation, type MultiResult, readMulti, writeMulti } from "./multi.ts";
import {
  type CreateMode,
  type CreateOptions,
  createOperation,
  readChildren,
  readData,
  writeCreate,
  type ZkChildren,
  type ZkData,
} from "./operations.ts";
import { checkPath, Chroot } from "./paths.ts";
import { Op, readStat, type ZkStat } from "./records.ts";
import { Session } from "./session.ts";
import type { SessionState, ZkProofs, ZkWorld } from "./session-state.ts";
import type { StateFollower } from "./state-board.ts";
import { type Listener, Watcher, type WatcherHome, type WatchTarget } from "./watcher.ts";
import { type PersistentMode, type WatchKind, WatchRegistry } from "./watches.ts";

export interface ZkOptions extends Partial<ZkProofs> {
  /** `h1:2181,[::1]:2181/chroot`. */
  readonly connectString: string;
  /** Asked for; the server may grant less or more. */
  readonly sessionTimeoutMs: number;
  /** Whether a server without a quorum will do while no other is found. */
  readonly readOnly?: boolean;
}

/**
 * Paths are absolute and inside the chroot. Every promise settles once: with the result, or a ZkError. An operation
 * issued while there is no connection waits for one, a session timeout at most; then it is `CONNECTION_LOSS`.
 *
 * A `watcher` given to a reading operation is told of the next change, once; given to `addWatch`, of every one. When
 * the session expired, watches of one time end with `lost`, persistent ones go on after `renewed`.
 */
export class ZkClient implements AsyncDisposable {
  readonly #scope = new Scope();
  readonly #session: Session;
  readonly #watches: WatchRegistry;
  readonly #chroot: Chroot;
  readonly #home: WatcherHome = {
    inside: (path) => this.#chroot.remove(path),
    forget: (watcher) => this.#forget(watcher),
  };

  /** Throws an Error that says what is wrong with the connect string or the timeout. Connects at `start`. */
  constructor(options: ZkOptions, world: ZkWorld) {
    const { servers, chroot } = parseConnectString(options.connectString);
    if (!(options.sessionTimeoutMs > 0)) throw new Error(`sessionTimeoutMs ${options.sessionTimeoutMs} is not above 0`);
    this.#chroot = new Chroot(chroot);
    this.#watches = new WatchRegistry(world.log);
    const { sessionTimeoutMs, auth = [], sasl, tls, readOnly = false } = options;
    const proofs = { auth, ...(sasl ? { sasl } : {}), ...(tls ? { tls } : {}) };
    const settings = { servers, sessionTimeoutMs, proofs, readOnly };
    this.#session = this.#scope.own(new Session(settings, world, this.#watches));
  }

  /** Begins to connect, and goes on until closed. */
  start(): void {
    this.#session.start();
  }

  get state(): SessionState {
    return this.#session.state;
  }

  /** Calls `listener` with the state, then after every change, until disposed. */
  onState(listener: (state: SessionState) => void): Disposable {
    return this.#session.board.observe(listener);
  }

  /** The same for one of many followers, who leaves by itself. */
  join(follower: StateFollower): void {
    this.#session.board.join(follower);
  }

  leave(follower: StateFollower): void {
    this.#session.board.leave(follower);
  }

  /** Something to watch with. Its disposal ends all its watches; it is told nothing after that. */
  watcher(listener: Listener | WatchTarget): Watcher {
    return new Watcher(typeof listener === "function" ? { noticed: listener } : listener, this.#home);
  }

  async getData(path: string, watcher?: Watcher): Promise<ZkData> {
    return this.#read(Op.getData, "data", path, watcher, readData);
  }

  /** `undefined` when there is no such node; the watcher is then told when there is. */
  async exists(path: string, watcher?: Watcher): Promise<ZkStat | undefined> {
    const full = this.#full(path);
    const call = this.#session.call<ZkStat | undefined>(Op.exists, {
      what: `exists ${path}`,
      write: (writer) => writer.string(full).boolean(watcher !== undefined),
      read: (reader) => {
        if (watcher) this.#watches.add("data", full, watcher);
        return readStat(reader);
      },
      missing: () => {
        if (watcher) this.#watches.add("exists", full, watcher);
        return undefined;
      },
    });
    return this.#watching(full, watcher, call);
  }

  /** Names in no order, with the stat of the parent. The watcher is told when a child comes or goes. */
  async getChildren(path: string, watcher?: Watcher): Promise<ZkChildren> {
    return this.#read(Op.getChildren2, "children", path, watcher, readChildren);
  }

  /**
   * The path that was made, which for a sequential node is longer than `path`. Containers and times to live need
   * server 3.5, or it is `UNIMPLEMENTED`; a server before that closes the connection at a time to live.
   */
  async create(
    path: string,
    data: Uint8Array,
    mode: CreateMode = "persistent",
    options: CreateOptions = {},
  ): Promise<string> {
    const full = this.#full(path, mode.endsWith("sequential"));
    return this.#session.call(createOperation(mode, options), {
      what: `create ${path}`,
      write: (writer) => writeCreate(writer, full, data, mode, options),
      read: (reader) => this.#chroot.remove(reader.string()),
    });
  }

  /** `version` -1: whatever it is. */
  async setData(path: string, data: Uint8Array, version = -1): Promise<ZkStat> {
    const full = this.#full(path);
    return this.#session.call(Op.setData, {
      what: `setData ${path}`,
      write: (writer) => writer.string(full).buffer(data).int(version),
      read: readStat,
    });
  }

  async delete(path: string, version = -1): Promise<void> {
    const full = this.#full(path);
    return this.#session.call(Op.delete, {
      what: `delete ${path}`,
      write: (writer) => writer.string(full).int(version),
      read: () => undefined,
    });
  }

  /** All of it or nothing: rejects with a ZkMultiError that says which operation was the obstacle. */
  async multi(operations: readonly MultiOperation[]): Promise<readonly MultiResult[]> {
    for (const each of operations) checkPath(each.path, each.kind === "create" && !!each.mode?.endsWith("sequential"));
    return this.#session.call(Op.multi, {
      what: `multi of ${operations.length}`,
      write: (writer) => writeMulti(writer, operations, (path) => this.#chroot.add(path)),
      read: (reader) => readMulti(reader, operations, (path) => this.#chroot.remove(path)),
    });
  }

  /** Resolves when the server has caught up with the leader for what was written before. */
  async sync(path: string): Promise<void> {
    const full = this.#full(path);
    return this.#session.call(Op.sync, {
      what: `sync ${path}`,
      write: (writer) => writer.string(full),
      read: () => undefined,
    });
  }

  /** Needs server 3.6; before that it is `UNIMPLEMENTED`. Changes missed between two connections are not replayed. */
  async addWatch(path: string, mode: PersistentMode, watcher: Watcher): Promise<void> {
    const full = this.#full(path);
    const call = this.#session.call(Op.addWatch, {
      what: `addWatch ${path}`,
      write: (writer) => writer.string(full).int(mode === "recursive" ? 1 : 0),
      read: () => this.#watches.add(mode, full, watcher),
    });
    return this.#watching(full, watcher, call);
  }

  /** As `close`, but leaves the session, and what it owns, to its end at the servers. */
  abandon(): Promise<void> {
    return this.#session.close(0);
  }

  /** Ends the session, so its ephemeral nodes go; pending operations are `CLOSED`. Idempotent. */
  close(): Promise<void> {
    return this.#scope.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #full(path: string, open = false): string {
    checkPath(path, open);
    return this.#chroot.add(path);
  }

  #read<T>(
    op: number,
    kind: WatchKind,
    path: string,
    watcher: Watcher | undefined,
    read: (reader: JuteReader) => T,
  ): Promise<T> {
    const full = this.#full(path);
    const call = this.#session.call(op, {
      what: `read ${kind} of ${path}`,
      write: (writer) => writer.string(full).boolean(watcher !== undefined),
      // The watch is known before the next frame, which may be its notification.
      read: (reader) => {
        const result = read(reader);
        if (watcher) this.#watches.add(kind, full, watcher);
        return result;
      },
    });
    return this.#watching(full, watcher, call);
  }

  /** Keeps the server's watch of `full` while `call` may be making one, and drops it when nobody wants it any more. */
  async #watching<T>(full: string, watcher: Watcher | undefined, call: Promise<T>): Promise<T> {
    if (!watcher) return call;
    this.#watches.expect(full);
    try {
      return await call;
    } finally {
      this.#watches.settled(full);
      if (!watcher.live && !this.#watches.isWatched(full)) this.#session.unwatch(full);
    }
  }

  #forget(watcher: Watcher): void {
    for (const path of this.#watches.forget(watcher)) this.#session.unwatch(path);
  }
}
