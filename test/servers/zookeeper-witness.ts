/** An independent client of ZooKeeper, as a service has one that registers itself: npm's node-zookeeper-client. */
import { createRequire } from "node:module";

/** What of it is used here; it comes without types. */
interface Client {
  once(event: "connected", listener: () => void): void;
  connect(): void;
  close(): void;
  mkdirp(path: string, done: (error: Error | null, path: string) => void): void;
  create(path: string, data: Buffer, mode: number, done: (error: Error | null, path: string) => void): void;
  setData(path: string, data: Buffer, done: (error: Error | null, stat: unknown) => void): void;
  remove(path: string, done: (error: Error | null) => void): void;
}

interface Module {
  createClient(connectString: string, options: { readonly sessionTimeout: number }): Client;
  readonly CreateMode: { readonly EPHEMERAL_SEQUENTIAL: number };
}

/** Closing it ends its session, and with that what it registered. */
export interface ZooKeeperWitness extends Disposable {
  makeFolder(path: string): Promise<void>;
  /** An ephemeral sequential node, whose whole path it gives. */
  register(path: string, data: Buffer): Promise<string>;
  change(path: string, data: Buffer): Promise<void>;
  remove(path: string): Promise<void>;
}

export async function openWitness(connectString: string): Promise<ZooKeeperWitness> {
  const { createClient, CreateMode } = createRequire(import.meta.url)("node-zookeeper-client") as Module;
  const client = createClient(connectString, { sessionTimeout: 4_000 });
  const { promise, resolve } = Promise.withResolvers<void>();
  client.once("connected", resolve);
  client.connect();
  await promise;
  return {
    makeFolder: (path) => ask<string>((done) => client.mkdirp(path, done)).then(() => undefined),
    register: (path, data) => ask((done) => client.create(path, data, CreateMode.EPHEMERAL_SEQUENTIAL, done)),
    change: (path, data) => ask<unknown>((done) => client.setData(path, data, done)).then(() => undefined),
    remove: (path) => ask<void>((done) => client.remove(path, (error) => done(error, undefined))),
    [Symbol.dispose]: () => client.close(),
  };
}

/** The result of an operation that ends in a callback. */
function ask<T>(operation: (done: (error: Error | null, result: T) => void) => void): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  operation((error, result) => (error ? reject(error) : resolve(result)));
  return promise;
}
