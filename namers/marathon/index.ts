/** The plugin `io.l5d.marathon`: applications that Marathon runs. */
import { clientTls, definePlugin, Path, s } from "linkspan/plugin";
import { readCredentials } from "./credentials.ts";

interface Place {
  readonly host: string;
  readonly port: number;
}

const dst = s.text<Place>(
  {
    expected: "/$/inet/HOST/PORT",
    parse(text) {
      const [dollar, inet, host, port, more] = Path.read(text).elems;
      const number = Number(port);
      if (
        dollar !== "$" ||
        inet !== "inet" ||
        host === undefined ||
        more !== undefined ||
        !(number > 0 && number < 65_536)
      )
        throw new Error("only a fixed place can be said here in this version");
      return { host, port: number };
    },
  },
  { doc: "A path instead of host and port; `/$/inet/HOST/PORT` in this version." },
);

const schema = s.object({
  host: s.string({ default: "marathon.mesos", doc: "Marathon's host." }),
  port: s.port({ default: 80, doc: "Its HTTP port, or its HTTPS port with `tls`." }),
  dst: s.optional(dst),
  uriPrefix: s.text(
    {
      expected: "an absolute path such as /marathon, or nothing",
      parse(text) {
        if (text !== "" && !text.startsWith("/"))
          throw new Error(`${JSON.stringify(text)} does not begin with a slash`);
        return text.replace(/\/+$/, "");
      },
    },
    { default: "", doc: "Stands before the paths of Marathon's API." },
  ),
  ttlMs: s.integer({ min: 1, default: 5_000, doc: "The time between two questions about one thing, in ms." }),
  jitterMs: s.integer({ min: 0, default: 50, doc: "By how much that time is longer or shorter, at random." }),
  useHealthCheck: s.boolean({
    default: false,
    doc: "Whether tasks are called only while they run and pass all health checks of their application.",
  }),
  tls: clientTls,
});

const marathon = definePlugin({
  api: 1,
  family: "namer",
  kind: "io.l5d.marathon",
  schema,
  async create({ dst: place, ...config }, context) {
    const credentials = readCredentials(context.env);
    // Threads that only read the configuration do not load it.
    const { MarathonNamer } = await import("./namer.ts");
    return new MarathonNamer({ ...config, ...place, credentials }, context);
  },
});

export default marathon;
