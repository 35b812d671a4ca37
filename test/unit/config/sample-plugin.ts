/** A plugin as a third party would publish it. */
import { definePlugin } from "../../../src/config/plugin.ts";
import { s } from "../../../src/config/schema.ts";

export default definePlugin({
  api: 1,
  family: "namer",
  kind: "com.acme.sample",
  schema: s.object({ region: s.string() }),
  create() {
    throw new Error("not made in these tests");
  },
});
