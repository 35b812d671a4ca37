/** The namer is held to the same contract as those in the box. */
import { type FixtureInstance, namerContract, testContext } from "linkspan/testing";
import { EurekaNamer } from "../src/namer.ts";
import { FakeEureka, type FakeInstance } from "./fake-eureka.ts";

const INTERVAL_MS = 30;
const bad: FakeInstance = { instanceId: "bad", ipAddr: "127.0.0.1", port: "many", status: "UP" };

const instanceOf = ({ id, host, port, weight, ready = true, zone }: FixtureInstance): FakeInstance => ({
  instanceId: id,
  ipAddr: host,
  port: { $: port, "@enabled": "true" },
  status: ready ? "UP" : "OUT_OF_SERVICE",
  metadata: { ...(weight === undefined ? {} : { weight: `${weight}` }), ...(zone === undefined ? {} : { zone }) },
});

namerContract(
  "com.example.eureka",
  async ({ guard, clock, log, down }) => {
    const eureka = await FakeEureka.start();
    if (down) await eureka.down();
    const options = { host: "127.0.0.1", port: eureka.port, path: "/eureka", intervalMs: INTERVAL_MS, secure: false };
    const namer = new EurekaNamer(options, testContext({ guard, clock, log }));
    const write = async (service: string, instances: readonly FakeInstance[]): Promise<void> =>
      void eureka.apps.set(service.toUpperCase(), instances);
    const written = (service: string): readonly FakeInstance[] => eureka.apps.get(service.toUpperCase()) ?? [];
    return {
      namer,
      put: (service, instances) => write(service, instances.map(instanceOf)),
      touch: (service) => write(service, written(service)),
      drop: async (service) => void eureka.apps.delete(service.toUpperCase()),
      spoil: (service) => write(service, [...written(service), bad]),
      mend: (service) =>
        write(
          service,
          written(service).filter((each) => each !== bad),
        ),
      down: () => eureka.down(),
      up: () => eureka.up(),
      stall: () => eureka.stall(),
      resume: () => eureka.resume(),
      reset: () => eureka.reset(),
      refuse: (refuses) => void (eureka.refuses = refuses),
      async restart() {
        await eureka.down();
        await eureka.up();
      },
      connections: () => eureka.connections,
      async [Symbol.asyncDispose]() {
        await namer[Symbol.asyncDispose]();
        eureka.resume();
        await eureka[Symbol.asyncDispose]();
      },
    };
  },
  // The fake answers at once or not at all.
  { without: ["slow"] },
);
