/** The announcer of the registry in memory, as the contract kit wants it. */
import { Path } from "../../src/naming/path.ts";
import type { AnnouncerFixture } from "../../src/testing/announcer-contract.ts";
import { MemoryAnnouncer } from "./memory-announcer.ts";
import { MemoryRegistry } from "./memory-registry.ts";

export function memoryFixture(): Promise<AnnouncerFixture> {
  const registry = new MemoryRegistry();
  const made: MemoryAnnouncer[] = [];
  const make = (): MemoryAnnouncer => {
    const announcer = new MemoryAnnouncer(registry);
    made.push(announcer);
    return announcer;
  };
  const fixture: AnnouncerFixture = {
    announcer: make(),
    another: async () => make(),
    seen: async (service) => registry.at(Path.of(service)).map(({ instance: { host, port } }) => ({ host, port })),
    native: async (service, { host, port }) =>
      registry.native(Path.of(service), {
        id: `${host}:${port}`,
        host,
        weight: 1,
        ready: true,
        ...(port === undefined ? {} : { port }),
      }),
    expire: (announcer) => registry.expire(announcer as MemoryAnnouncer),
    die(announcer) {
      (announcer as MemoryAnnouncer).die();
      registry.bury(announcer as MemoryAnnouncer);
    },
    refuse(refuses) {
      registry.gate = refuses ? () => Promise.reject(new Error("500")) : () => undefined;
    },
    down: async () => registry.down(),
    up: async () => registry.up(),
    connections: () => registry.connections,
    async [Symbol.asyncDispose]() {
      for (const each of made) await each[Symbol.asyncDispose]();
    },
  };
  return Promise.resolve(fixture);
}
