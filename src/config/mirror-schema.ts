/** What a mirror may say: a namer joined to an announcer, for one name or for all names below a path. */
import { Path } from "../naming/path.ts";
import { readAdvertised } from "./announcer-field.ts";
import type { Infer } from "./compound-fields.ts";
import { DeferredField } from "./deferred-field.ts";
import { PluginField } from "./plugin-field.ts";
import type { SchemaProblem } from "./plugin.ts";
import type { Registry } from "./registry.ts";
import { s } from "./schema.ts";
import { parseDuration } from "./units.ts";

/** A mirror of the configuration. */
export type MirrorConfig = Infer<ReturnType<typeof mirrorSchema>>;

const NAME = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

const mirrorName = s.text(
  {
    expected: "up to 63 letters, digits, dots, underscores and hyphens, such as users-to-legacy",
    parse(text) {
      // It stands in marks, labels and paths of every registry.
      if (!NAME.test(text)) throw new Error(`${JSON.stringify(text)} cannot be the name of a mirror`);
      return text;
    },
  },
  { doc: "Its name. Daemons whose mirrors have one name stand in for each other: one of them writes." },
);

/** So many of each `of`. */
export interface Part {
  readonly take: number;
  readonly of: number;
}

/** `1/4` or `12.5%`: above 0, and all at most. */
export function readPart(text: string): Part {
  const [, take = "", of = "", whole = "", decimals = ""] =
    /^(?:(\d{1,6})\/(\d{1,6})|(\d{1,3})(?:\.(\d{1,4}))?%)$/.exec(text.trim()) ?? [];
  const part =
    whole === ""
      ? { take: Number(take), of: Number(of) }
      : { take: Number(whole + decimals), of: 100 * 10 ** decimals.length };
  if (part.take > 0 && part.take <= part.of) return part;
  throw new Error(`${JSON.stringify(text)} is no part of the instances`);
}

const positiveDuration = {
  expected: "a duration of 100ms or more, such as 10s",
  parse(text: string): number {
    const ms = parseDuration(text);
    if (ms === undefined || ms < 100) throw new Error(`${JSON.stringify(text)} is no such duration`);
    return ms;
  },
};

const publish = s.text(
  { expected: "a part above 0 and up to all, such as 1/4 or 25%", parse: readPart },
  { default: "1/1", doc: "How many of the instances are published: direct callers know no weights." },
);

const payload = s.either(
  [s.oneOf(["none", "sibling"]), s.object({ template: s.any({ doc: "The payload as data." }) })],
  {
    default: "none",
    doc: "What entries of Curator's carry: nothing, what a live entry of another owner carries, or a `template`.",
  },
);

const prober = {
  expected: "a host and a port, such as gw.legacy.example:3128",
  parse(text: string): { readonly host: string; readonly port: number } {
    const { host, port } = readAdvertised(text);
    if (port === undefined) throw new Error(`${JSON.stringify(text)} says no port`);
    return { host, port };
  },
};

const probe = s.either(
  [
    s.boolean(),
    s.object({
      timeout: s.text(positiveDuration, { default: "1s", doc: "How long a connection may take." }),
      through: s.optional(
        s.text(prober, {
          doc: "An HTTP proxy where the callers are, which is asked to connect (`CONNECT`) in place of this host.",
        }),
      ),
    }),
  ],
  { default: true, doc: "Whether an address is connected to before it is published for the first time." },
);

/** A path in which `*` may stand for an element. */
const sourceRule = {
  expected: "a path such as /#/zk/users or /#/zk/*",
  code: "dtab.syntax",
  parse: (text: string): Path => Path.read(text.replaceAll(/\/\*(?=\/|$)/g, "/\\x2a")),
} as const;

/** As the file has it. */
export const showSource = (from: Path): string => from.show.replaceAll("\\x2a", "*");

const fields = {
  name: mirrorName,
  from: s.text(sourceRule, {
    doc: "The name that is published, `/#/PREFIX/...` of a namer; an element `*` stands for all names.",
  }),
  address: s.oneOf(["pod", "nodePort", "loadBalancer", "gateway"], {
    default: "pod",
    doc: "Which address is published: the instance's own, or this router's (`gateway`), so that its weights apply.",
  }),
  gateway: s.optional(
    s.string({ doc: "With `address: gateway`: the label of the router whose first server is published." }),
  ),
  publish,
  payload,
  force: s.boolean({ default: false, doc: "Publishes what the probe did not reach, too." }),
  probe,
  minAge: s.duration({
    default: "2s",
    doc: "How long an instance that was withdrawn must be ready until it is published again, doubled each time; 0 for not at all.",
  }),
  cycles: s.integer({
    min: 1,
    max: 100,
    default: 3,
    doc: "How many comparisons in a row must miss what vanished without a sign before it is deleted.",
  }),
  deleteCap: s.number({
    min: 0,
    max: 1,
    default: 0.1,
    doc: "The share of the entries that one comparison may delete without a sign; at least one. More waits for approval.",
  }),
  interval: s.text(positiveDuration, { default: "10s", doc: "How often source and target are compared." }),
  audit: s.text(positiveDuration, {
    default: "5m",
    doc: "Each target is read in full at least so often, so that what others took away or changed is found.",
  }),
  writesPerSecond: s.integer({ min: 1, max: 100_000, default: 1_000, doc: "The most writes a second." }),
};

export function mirrorSchema(registry: Registry) {
  return s.object({ ...fields, to: targetField(registry) }, { check: gatewayProblems });
}

function targetField(registry: Registry) {
  const common = s.object({
    namer: s.optional(
      s.path({ doc: "The prefix of the namer whose connection it takes; the first of its kind if it is not said." }),
    ),
  });
  return new PluginField(registry, "announcer", common, ["namer"], { doc: "Where it is published." });
}

/** The mirrors of a file; `to` is as `borrowConnections` left it. */
export function mirrorsField(registry: Registry) {
  return s.list(mirrorSchema(registry), {
    default: [],
    doc: "What is published of one discovery system in another.",
  });
}

/** As the short form has them; `short-mirrors.ts` reads them. */
export function mirrorsInWords(registry: Registry) {
  const words = {
    from: s.string({ doc: "The name that is published, `source/service` or a path; `source/*` for all names." }),
    to: s.either([s.string(), targetField(registry)], {
      doc: "Where it is published: `source/service`, `source/*`, or a mapping with a `kind`.",
    }),
  };
  return new DeferredField(s.list(s.object({ ...fields, ...words })), {
    default: [],
    doc: "What is published of one discovery system in another.",
  });
}

function gatewayProblems({
  address,
  gateway,
}: {
  readonly address: string;
  readonly gateway?: string;
}): readonly SchemaProblem[] {
  if (gateway === undefined || address === "gateway") return [];
  const message = "`gateway` is for `address: gateway`";
  return [{ at: ["gateway"], key: true, message, expected: "`address: gateway` beside it" }];
}
