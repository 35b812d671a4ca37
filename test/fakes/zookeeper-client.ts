/** A client under test over real sockets, and the world that it was given. */
import { ZkClient, type ZkOptions } from "../../namers/zookeeper/client.ts";
import type { Connected, SessionState, ZkWorld } from "../../namers/zookeeper/session-state.ts";
import { CountingClock } from "../../src/testing/counting-clock.ts";
import { eventually } from "../../src/testing/eventually.ts";
import { socketDialer, systemResolver } from "../../src/testing/plugin-context.ts";
import { RecordingLog } from "../../src/testing/recording-log.ts";
import { seededRandom } from "../../src/testing/seeded-random.ts";

export interface TestClient extends AsyncDisposable {
  readonly client: ZkClient;
  readonly clock: CountingClock;
  readonly log: RecordingLog;
  /** Every state that was told, the first first. */
  readonly states: readonly SessionState[];
  /** Resolves with the state when it has this tag. */
  reach<T extends SessionState["tag"]>(tag: T, withinMs?: number): Promise<Extract<SessionState, { tag: T }>>;
  connected(): Promise<Connected>;
}

/** Started already. */
export function openClient(
  connectString: string,
  options: Partial<ZkOptions> = {},
  world: Partial<ZkWorld> = {},
): TestClient {
  const clock = new CountingClock();
  const log = new RecordingLog();
  const base = { dial: socketDialer, resolve: systemResolver, clock, random: seededRandom(7), log };
  const client = new ZkClient({ connectString, sessionTimeoutMs: 3_000, ...options }, { ...base, ...world });
  const states: SessionState[] = [];
  client.onState((state) => void states.push(state));
  client.start();
  const reach: TestClient["reach"] = async (tag, withinMs = 5_000) => {
    await eventually(`the session is ${tag}`, () => client.state.tag === tag, withinMs);
    return client.state as never;
  };
  const connected = (): Promise<Connected> => reach("connected");
  return { client, clock, log, states, reach, connected, [Symbol.asyncDispose]: () => client.close() };
}
