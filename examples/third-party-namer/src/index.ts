/** The plugin `com.example.eureka`: what the configuration may say, and how the namer is made of it. */
import { type AnyPlugin, definePlugin, s } from "linkspan/plugin";
import { EurekaNamer } from "./namer.ts";

const eureka: AnyPlugin = definePlugin({
  api: 1,
  family: "namer",
  kind: "com.example.eureka",
  schema: s.object({
    host: s.string({ default: "localhost", doc: "The Eureka server." }),
    port: s.port({ default: 8761, doc: "Its HTTP port." }),
    path: s.string({ default: "/eureka", doc: "Where its API begins." }),
    interval: s.duration({ default: "30s", doc: "The time between two questions about one application." }),
    secure: s.boolean({ default: false, doc: "Whether `securePort` is called where it is enabled." }),
  }),
  create: ({ interval, ...rest }, context) => new EurekaNamer({ ...rest, intervalMs: interval }, context),
});

export default eureka;
