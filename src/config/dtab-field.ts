/** A dtab in a configuration, and how long ones are read before the rest, a few lines at a time. */
import { inTurns, ITEMS_A_STEP } from "../base/turn.ts";
import type { Dentry } from "../naming/dentry.ts";
import { Dtab } from "../naming/dtab.ts";
import { dentriesOf } from "../naming/parser.ts";
import { s } from "./schema.ts";
import type { Source } from "./source.ts";

/** Throws a ParseError. */
export type ReadDtab = (text: string) => Dtab;

/** The text of a dtab, with the place of each mistake. */
export function dtabFieldBy(read: ReadDtab) {
  return s.text(
    {
      expected: "dentries such as `/svc => /#/io.l5d.fs ;`",
      code: "dtab.syntax",
      end: "`;` or the end",
      parse: read,
    },
    { default: "", doc: "How logical names become concrete ones: `prefix => destination ;` each, later ones win." },
  );
}

export type DtabField = ReturnType<typeof dtabFieldBy>;

export const dtabField: DtabField = dtabFieldBy((text) => Dtab.read(text));

/** Of shorter ones all is read in less than a ms. */
const LONG = 10_000;

/** What reads the dtabs of a linkerd.yaml: those of its routers that are long have been read when it resolves. */
export async function readLongDtabs(source: Source): Promise<ReadDtab> {
  const known = new Map<string, Dtab>();
  const routers = source.node(["routers"]);
  for (const at of routers?.kind === "list" ? routers.items.keys() : []) {
    const node = source.node(["routers", at, "dtab"]);
    if (node?.kind !== "scalar" || node.text.length < LONG) continue;
    const dtab = await inTurns(reading(node.text));
    if (dtab !== undefined) known.set(node.text, dtab);
  }
  return (text) => known.get(text) ?? Dtab.read(text);
}

/** `undefined` where it is no dtab: whoever reads it again says why. */
function* reading(text: string): Generator<void, Dtab | undefined> {
  const dentries: Dentry[] = [];
  try {
    for (const dentry of dentriesOf(text)) if (dentries.push(dentry) % ITEMS_A_STEP === 0) yield;
  } catch {
    return undefined;
  }
  const dtab = new Dtab(dentries);
  yield* dtab.prepare();
  return dtab;
}
