/** The interpreter `default`: names are bound by the router's own dtab. */
import { definePlugin, s } from "linkspan/plugin";

export default definePlugin({
  api: 1,
  family: "interpreter",
  kind: "default",
  schema: s.object({}),
  create: (_, context) => context.interpret(),
});
