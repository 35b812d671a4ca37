/** io.l5d.marathon over a fake: what the contract of namers asks for. */
import { MarathonNamer, type MarathonNamerOptions } from "../../namers/marathon/namer.ts";
import type { Ability, FixtureInstance, FixtureOptions, NamerFixture } from "../../src/testing/namer-contract.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import { CutProxy } from "./cut-proxy.ts";
import { FakeMarathon, type FakeTask } from "./marathon.ts";

/** A task has none. */
export const MARATHON_IS_WITHOUT: readonly Ability[] = ["weights"];
const POLL_MS = 30;

export interface MarathonFixture extends NamerFixture {
  readonly marathon: FakeMarathon;
  readonly namer: MarathonNamer;
}

export async function marathonFixture(
  { guard, clock, log, down }: FixtureOptions,
  more: Partial<MarathonNamerOptions> = {},
): Promise<MarathonFixture> {
  const marathon = await FakeMarathon.start();
  const proxy = await CutProxy.before(marathon.port);
  if (down) await proxy.cut();
  const namer = new MarathonNamer(
    {
      host: "127.0.0.1",
      port: proxy.port,
      uriPrefix: "",
      ttlMs: POLL_MS,
      jitterMs: 5,
      useHealthCheck: true,
      credentials: {},
      ...more,
    },
    testContext({ guard, clock, log }),
  );
  const bad: FakeTask = { id: "bad", host: "127.0.0.1", ports: ["many"], healthCheckResults: [{ alive: true }] };
  const tasksOf = (service: string): readonly FakeTask[] => marathon.apps.get(`/${service}`)?.tasks ?? [];
  const write = (service: string, tasks: readonly FakeTask[]): void =>
    void marathon.apps.set(`/${service}`, { tasks, healthChecks: [{ protocol: "HTTP" }] });
  return {
    marathon,
    namer,
    put: async (service, instances) => write(service, instances.map(taskOf)),
    async touch() {
      // Whoever asks is told the same again.
    },
    drop: async (service) => void marathon.apps.delete(`/${service}`),
    spoil: async (service) => write(service, [...tasksOf(service), bad]),
    mend: async (service) =>
      write(
        service,
        tasksOf(service).filter((each) => each !== bad),
      ),
    ...proxy.verbs,
    refuse: (refuses) => {
      marathon.refusal = refuses ? { status: 503, body: "no leader" } : undefined;
    },
    async restart() {
      proxy.reset();
    },
    async [Symbol.asyncDispose]() {
      await namer[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
      await marathon[Symbol.asyncDispose]();
    },
  };
}

function taskOf({ id, host, port, ready = true, zone }: FixtureInstance): FakeTask {
  const about = { state: "TASK_RUNNING", healthCheckResults: [{ alive: ready }] };
  return { id, host, ports: [port], ...about, ...(zone === undefined ? {} : { zone }) };
}
