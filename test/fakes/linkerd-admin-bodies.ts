/** Compares what Linkerd 1's admin port answered with what ours does, where the values change from moment to moment. */
import assert from "node:assert/strict";

/** Throws where the bodies are not of one kind. */
export type BodyJudge = (theirs: string, ours: string) => void;

type Json = Readonly<Record<string, unknown>>;

const parse = (text: string): unknown => JSON.parse(text);
const exact: BodyJudge = (theirs, ours) => assert.equal(ours.trimEnd(), theirs.trimEnd());
const sameJson: BodyJudge = (theirs, ours) => assert.deepEqual(parse(ours), parse(theirs));

/**
 * The record has the beginning of a long body. All of ours has the form of what is there, and what we tell of the process
 * has a name that they had.
 */
const formed =
  (form: RegExp, ofProcess?: RegExp): BodyJudge =>
  (theirs, ours) => {
    const [recorded, told] = [theirs, ours].map((body) => [...body.matchAll(form)].map(([whole]) => whole));
    const left = ours.replaceAll(form, "").replaceAll(/[{},\s]|"[^"]*":/g, "");
    assert.deepEqual([left, (recorded?.length ?? 0) > 10, (told?.length ?? 0) > 10], ["", true, true]);
    if (ofProcess === undefined) return;
    const names = (all: readonly string[] = []): string[] => all.flatMap((each) => ofProcess.exec(each)?.[1] ?? []);
    const known = new Set(names(recorded));
    const own = names(told);
    assert.ok(own.length > 0);
    assert.deepEqual(
      own.filter((name) => !known.has(name)),
      [],
    );
  };

const number = String.raw`-?\d+(?:\.\d+)?(?:[Ee]-?\d+)?`;
const flat = new RegExp(String.raw`"[^"]+"\s*:\s*${number}`, "g");
const prometheus = new RegExp(String.raw`^[A-Za-z0-9_:]+(?:\{[^}]*\})? ${number}$`, "gm");
const field = String.raw`[A-Za-z0-9_]+=${number}`;
const influx = new RegExp(String.raw`^[A-Za-z0-9_:]+(?:,[a-z]+=[^, ]+(?:\\ [^, ]*)*)* ${field}(?:,${field})*$`, "gm");

/** The same keys, with values of the same types. */
const sameShape: BodyJudge = (theirs, ours) => {
  const shape = (text: string): object =>
    Object.fromEntries(
      Object.entries(parse(text) as Json)
        .map(([key, value]) => [key, Array.isArray(value) ? "list" : typeof value])
        .toSorted(),
    );
  assert.deepEqual(shape(ours), shape(theirs));
};

/** As it was written: Linkerd put the names of hosts for addresses, and what it adds by itself is taken for said. */
const sameConfig: BodyJudge = (theirs, ours) => {
  const read = (text: string): unknown =>
    parse(
      text
        .replaceAll('"localhost"', '"127.0.0.1"')
        .replaceAll(/"(port|httpIdentifierPort)":\d+/g, '"$1":0')
        .replaceAll(/"rootDir":"[^"]*\/([^/"]*)"/g, '"rootDir":"$1"'),
    );
  const config = read(theirs) as { namers: Json[]; telemetry: Json[] };
  // The one is refused here; of the other Linkerd forgot to tell.
  config.namers = config.namers.filter(({ prefix }) => prefix !== "/rw2");
  config.telemetry = config.telemetry.map((each) =>
    each["kind"] === "io.l5d.prometheus" ? { ...each, prefix: "linkerd_" } : each,
  );
  assert.deepEqual(read(ours), config);
};

const sameNames: BodyJudge = (theirs, ours) => assert.deepEqual(parse(ours), (parse(theirs) as string[]).toSorted());

const loggers: BodyJudge = (theirs, ours) => {
  const [root] = parse(theirs) as Json[];
  assert.deepEqual(parse(ours), [root]);
};

const paths: BodyJudge = (theirs, ours) => {
  for (const text of [theirs, ours]) {
    const lines = text.trimEnd().split("\n");
    assert.ok(lines.every((line) => line.startsWith("/")));
    assert.deepEqual(lines, lines.toSorted());
  }
};

const trees: BodyJudge = (theirs, ours) => {
  assert.deepEqual(Object.keys(parse(ours) as Json), Object.keys(parse(theirs) as Json));
};

/** By the method and the target; pages and what has no body are not compared. */
export const bodyJudges: Readonly<Record<string, BodyJudge>> = {
  "GET /admin": paths,
  "GET /admin/ping": exact,
  "POST /admin/ping": exact,
  "GET /admin/announcer": exact,
  "GET /admin/metrics.json": formed(flat, /"(jvm\/[^"]+)"/),
  "GET /admin/metrics.json?pretty=1": formed(flat),
  "GET /admin/metrics.json?tree=1": formed(flat, /"(counter|gauge)"/),
  "GET /admin/metrics/prometheus": formed(prometheus, /^(linkerd_jvm:\S+)/),
  "GET /admin/metrics/influxdb": formed(influx, /^(jvm[^, ]*),/),
  "GET /config.json": sameConfig,
  "GET /bound-names.json": sameNames,
  "GET /namer_state/io.l5d.fs.json": trees,
  "GET /client_state.json": sameJson,
  "GET /logging.json": loggers,
  "GET /admin/server_info": sameShape,
  "GET /admin/lint.json": sameShape,
  "identifier GET / of 127.0.0.1:9993": sameJson,
  "identifier GET / of one": sameJson,
  "identifier GET /http/x of one": sameJson,
};
