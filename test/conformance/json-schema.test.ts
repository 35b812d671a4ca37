/** The JSON Schema for editors, asked by a validator that others wrote: what is accepted here is accepted there. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { type AnySchemaObject, Ajv2020 } from "ajv/dist/2020.js";
import { parse } from "yaml";
import { corpusFiles } from "../corpus/corpus-file.ts";

const config = new URL("../../config/", import.meta.url);
const schema = JSON.parse(readFileSync(new URL("schema.json", config), "utf8")) as AnySchemaObject;
const validate = new Ajv2020({ allErrors: false, strict: true, strictTypes: false }).compile(schema);

const examples = ["", "examples/"].flatMap((folder) =>
  readdirSync(new URL(`./${folder}`, config))
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => ({ name: `config/${folder}${name}`, text: readFileSync(new URL(folder + name, config), "utf8") })),
);

/** As editors read a file: by YAML 1.2, without what has no value. */
function seen(text: string): unknown {
  const whole = parse(text, { logLevel: "silent" }) as unknown;
  return JSON.parse(JSON.stringify(whole, (_, value: unknown) => (value === null ? undefined : value)));
}

/** What YAML 1.2 reads otherwise, or not at all: an editor marks it, and `check` warns of it or refuses it. */
const OTHERWISE = /yaml\.(?:surprise|ignored)/;
const good = corpusFiles.filter(({ isRefused, text, name }) => {
  return !isRefused && !OTHERWISE.test(text) && name !== "minimal-json";
});

for (const { name, text } of [...examples, ...good]) {
  test(`an editor finds nothing to mark in ${name}`, () => {
    assert.ok(validate(seen(text)), JSON.stringify(validate.errors?.slice(-3)));
  });
}

test("an editor marks what is misspelt, missing or of another type", () => {
  const names = ["refused-unknown-keys", "refused-types", "refused-kinds", "refused-no-servers"];
  for (const name of names) {
    const file = corpusFiles.find((each) => each.name === name);
    assert.equal(validate(seen(file?.text ?? "")), false, name);
  }
});
