/** io.l5d.fs is held to the contract of namers, on real files. */
import { mkdir, mkdtemp, rename, rm, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FsNamer } from "../../namers/fs/namer.ts";
import {
  type FixtureInstance,
  type FixtureOptions,
  namerContract,
  type NamerFixture,
} from "../../src/testing/namer-contract.ts";
import { testContext } from "../../src/testing/plugin-context.ts";

async function make({ guard, clock, log, down }: FixtureOptions): Promise<NamerFixture> {
  const home = await mkdtemp(join(tmpdir(), "linkspan-fs-"));
  const root = join(home, "disco");
  const away = join(home, "away");
  if (!down) await mkdir(root);
  const namer = new FsNamer({ root }, testContext({ guard, clock, log }));
  const written = new Map<string, string>();
  const write = async (service: string, text: string): Promise<void> => {
    const fresh = join(home, `new-${service}`);
    await writeFile(fresh, text);
    await rename(fresh, join(root, service));
  };
  return {
    namer,
    async put(service, instances) {
      const text = instances.map(lineOf).join("");
      if (written.get(service) === text) return;
      written.set(service, text);
      await write(service, text);
    },
    touch: (service) => write(service, written.get(service) ?? ""),
    async drop(service) {
      written.delete(service);
      await unlink(join(root, service));
    },
    spoil: (service) => write(service, "this is no address\n"),
    mend: (service) => write(service, written.get(service) ?? ""),
    down: () => rename(root, away),
    async up() {
      await rename(away, root).catch(() => mkdir(root));
    },
    connections: () => namer.openFolders,
    async [Symbol.asyncDispose]() {
      await namer[Symbol.asyncDispose]();
      await rm(home, { recursive: true });
    },
  };
}

const lineOf = ({ host, port, weight }: FixtureInstance): string =>
  weight === undefined ? `${host} ${port}\n` : `${host} ${port} * ${weight}\n`;

namerContract("io.l5d.fs", make, {
  // Nobody is asked over a connection; whoever deletes a file or a line means it; a line says no zone and no readiness.
  without: ["stall", "reset", "slow", "refuse", "restart", "losses", "signs", "zones"],
});
