/** Service files come, go and change under traffic, in every way in which people and programs write files. */
import assert from "node:assert/strict";
import { renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { it } from "node:test";
import { type Backend, startBackend } from "../load/backend.ts";
import { OpenLoad, failed } from "../load/open-load.ts";
import { letPass, waitUntil } from "../load/wait-until.ts";
import { shownClusters, shownEndpoints, startDaemon } from "./daemon.ts";
import { tempFolder } from "./temp-folder.ts";

const configuration = `
admin: {port: 0}
sources: {files: {files: ./disco}, spare: {files: ./spare}}
routes: {users: [files/users, spare/users]}
listen: 0
`;
const line = (backend: Backend): string => `127.0.0.1 ${backend.port}\n`;

it(
  "no request fails while instances come and go and their file is replaced, emptied, removed and back",
  { timeout: 60_000 },
  async () => {
    await using stack = new AsyncDisposableStack();
    const backend = async (name: string): Promise<Backend> => stack.use(await startBackend(name, { delayMs: 2 }));
    const first = await backend("first");
    const second = await backend("second");
    const third = await backend("third");
    const spare = await backend("spare");
    const folder = stack.use(tempFolder({ "disco/users": line(first), "spare/users": line(spare) }));
    const file = `${folder.path}/disco/users`;
    const daemon = stack.use(await startDaemon(configuration, folder.path));
    const addresses = (...backends: readonly Backend[]): string =>
      backends
        .map(({ port }) => `127.0.0.1:${port}`)
        .sort()
        .join();
    const becomes = (what: string, ...backends: readonly Backend[]): Promise<number> =>
      waitUntil(what, 2_000, async () => {
        const clusters = await shownClusters(daemon);
        const files = clusters.find(({ id }) => id === "/#/files/users")?.endpoints ?? [];
        return (
          files
            .map(({ address }) => address)
            .sort()
            .join() === addresses(...backends)
        );
      });
    const load = stack.use(new OpenLoad({ port: daemon.port, host: "users", perSecond: 300 }));
    await waitUntil("the first instance gets traffic", 3_000, () => first.requests > 0);

    writeFileSync(file, line(first) + line(second));
    await becomes("an instance came", first, second);
    await waitUntil("it gets traffic", 500, () => second.requests > 0);

    writeFileSync(file, line(second));
    await becomes("an instance went", second);
    const firstAfter = first.requests;
    await letPass(200);
    assert.ok(first.requests - firstAfter <= 1, "an instance that went got traffic");

    folder.write("disco/.users.new", line(second) + line(third));
    renameSync(`${folder.path}/disco/.users.new`, file);
    await becomes("the file was replaced by another", second, third);

    for (let round = 0; round < 50; round++) {
      folder.write("disco/.users.new", round % 2 === 0 ? line(first) + line(third) : line(second) + line(third));
      renameSync(`${folder.path}/disco/.users.new`, file);
      await letPass(4);
    }
    await becomes("the last of many writes holds", second, third);

    truncateSync(file);
    await waitUntil("the loss is held", 2_000, async () =>
      (await shownClusters(daemon)).some(({ id, state }) => id === "/#/files/users" && state === "held"),
    );
    assert.deepEqual((await shownEndpoints(daemon)).join(), addresses(second, third));
    writeFileSync(file, line(first) + line(second));
    await becomes("the file is whole again", first, second);

    const spareBefore = spare.requests;
    rmSync(file);
    await waitUntil("the next in the list serves", 2_000, () => spare.requests > spareBefore + 20);
    writeFileSync(file, line(third));
    const thirdBefore = third.requests;
    await waitUntil("the file is back", 2_000, () => third.requests > thirdBefore + 20);

    await load.stop();
    assert.deepEqual(failed(load.answers), []);
    assert.ok(load.offeredShare >= 0.95, `only ${load.offeredShare} of the load was sent`);
    assert.deepEqual(daemon.logged("bug"), []);
  },
);
