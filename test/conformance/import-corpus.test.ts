/** Every linkerd.yaml of the corpus that is accepted can be imported, and what comes of it is accepted with all its routers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { builtins } from "../../src/builtins.ts";
import { importLinkerd } from "../../src/config/import/import-linkerd.ts";
import { parseConfig } from "../../src/config/load.ts";
import { corpusFiles } from "../corpus/corpus-file.ts";

for (const { name, text } of corpusFiles.filter(({ isRefused }) => !isRefused)) {
  test(`${name} can be imported, whole`, async () => {
    const options = { file: `${name}.yaml`, baseDir: "/etc/linkerd", builtins };
    const before = await parseConfig(text, options);
    const { text: made, report } = await importLinkerd(text, options);
    assert.deepEqual(
      report.filter(({ fate }) => fate === "refused"),
      [],
    );
    const after = await parseConfig(made, options);
    const shown = ({ routers, namers }: typeof before) => ({
      ports: routers.flatMap(({ servers }) => servers.map(({ ip, port }) => `${ip}:${port}`)).toSorted(),
      namers: namers.map(({ prefix, kind }) => `${prefix.show} ${kind}`).toSorted(),
    });
    assert.deepEqual(shown(after), shown(before));
  });
}
