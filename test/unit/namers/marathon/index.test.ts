import assert from "node:assert/strict";
import { test } from "node:test";
import marathon from "../../../../namers/marathon/index.ts";
import { SchemaError } from "../../../../src/config/plugin.ts";
import { Path } from "../../../../src/naming/path.ts";
import { eventually } from "../../../../src/testing/eventually.ts";
import { FollowedName } from "../../../../src/testing/followed-var.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";
import { FakeMarathon } from "../../../fakes/marathon.ts";

const { schema } = marathon;

test("io.l5d.marathon has the defaults of Linkerd 1", async () => {
  const config = schema.parse({});
  assert.deepEqual(config, {
    host: "marathon.mesos",
    port: 80,
    uriPrefix: "",
    ttlMs: 5_000,
    jitterMs: 50,
    useHealthCheck: false,
  });
  const namer = await marathon.create(config, testContext());
  await namer[Symbol.asyncDispose]();
});

test("a prefix begins with a slash and ends with none, and dst is a fixed place", () => {
  assert.equal(schema.parse({ uriPrefix: "/marathon/" }).uriPrefix, "/marathon");
  assert.throws(() => schema.parse({ uriPrefix: "marathon" }), SchemaError);
  assert.deepEqual(schema.parse({ dst: "/$/inet/10.0.0.1/8080" }).dst, { host: "10.0.0.1", port: 8080 });
  for (const dst of ["/#/io.l5d.zkLeader/marathon", "/$/inet/8080", "/$/inet/a/b"]) {
    assert.throws(() => schema.parse({ dst }), SchemaError, dst);
  }
});

test("it asks with the credentials of the environment that it was given", async () => {
  await using server = await FakeMarathon.start();
  const config = schema.parse({ host: "127.0.0.1", port: server.port });
  const env = { MARATHON_HTTP_AUTH_CREDENTIAL: "user:pass" };
  await using namer = await marathon.create(config, testContext({ env }));
  using _ = new FollowedName(namer.lookup(Path.of("users")));
  const asked = await eventually("it was asked", () => server.asked[0]);
  assert.equal(asked.authorization, `Basic ${Buffer.from("user:pass").toString("base64")}`);
});
