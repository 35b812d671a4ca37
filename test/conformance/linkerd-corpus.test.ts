/** Files as users of Linkerd 1 have them: each is accepted or refused as it must be, and what is accepted starts and routes. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { builtins } from "../../src/builtins.ts";
import type { Config } from "../../src/config/config.ts";
import { ConfigError, type ConfigProblem } from "../../src/config/config-error.ts";
import { parseConfig } from "../../src/config/load.ts";
import { startDaemon } from "../../src/start-daemon.ts";
import { type CorpusFile, corpusFiles } from "../corpus/corpus-file.ts";
import { type CorpusSite, openCorpusSite } from "../corpus/corpus-site.ts";
import { features, used } from "../corpus/features.ts";
import { onFreePorts } from "../corpus/free-ports.ts";

type Read = { readonly config?: Config; readonly problems: readonly ConfigProblem[] };

describe("the corpus of linkerd.yaml files", { concurrency: 1 }, () => {
  let site: CorpusSite;
  before(async () => {
    site = await openCorpusSite();
    // As the downward API tells a pod where it is.
    Object.assign(process.env, { POD_IP: "127.0.0.1", NODE_NAME: "this-node" });
  });
  after(() => site[Symbol.asyncDispose]());

  async function read({ name, text }: CorpusFile): Promise<Read> {
    const certificates = { now: Date.now(), expired: "error" } as const;
    const options = { file: `${name}.yaml`, baseDir: site.folder, builtins, certificates };
    try {
      const config = await parseConfig(site.localized(text), options);
      return { config, problems: config.warnings };
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return { problems: error.problems };
    }
  }

  for (const file of corpusFiles) {
    it(`${file.name} is ${file.isRefused ? "refused" : "accepted"}, with a problem where one is marked and nowhere else`, async () => {
      const { config, problems } = await read(file);
      assert.deepEqual(problems.map(({ line, code }) => `${line} ${code}`).toSorted(), file.problems.toSorted());
      assert.equal(config === undefined, file.isRefused);
    });
  }

  for (const file of corpusFiles.filter(({ isRefused }) => !isRefused)) {
    it(`${file.name} starts and routes`, async () => {
      const { config } = await read(file);
      assert.ok(config);
      const log: string[] = [];
      const daemon = await startDaemon(onFreePorts(config), (line) => void log.push(line));
      try {
        for (const ask of file.asks) {
          const server = daemon.servers.find(({ router }) => ask.label === undefined || router === ask.label);
          assert.ok(server, `a router ${ask.label}`);
          assert.equal(await site.status(server.port, ask), ask.status, JSON.stringify(ask));
        }
      } finally {
        await daemon.close();
      }
      assert.deepEqual(
        log.filter((line) => line.includes('"bug"')),
        [],
      );
    });
  }

  it("has at least sixty files, and each feature in at least two of them", () => {
    assert.ok(corpusFiles.length >= 60);
    assert.deepEqual(
      features.filter((feature) => corpusFiles.filter(({ text }) => used(feature, text)).length < 2),
      [],
    );
  });
});
