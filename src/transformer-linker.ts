/** Links what stands between namers and routers: transformers, and the namers that nobody has to configure. */
import type { Scope } from "./base/scope.ts";
import { Var } from "./base/var.ts";
import type { Config, NamerConfig, PluginUse } from "./config/config.ts";
import { createPlugin } from "./config/create-plugin.ts";
import type { PluginContext } from "./config/plugin.ts";
import { Dtab } from "./naming/dtab.ts";
import { DtabInterpreter } from "./naming/interpreter.ts";
import type { NamerEntry } from "./naming/namer-table.ts";
import type { Namer } from "./naming/namer.ts";
import { Path } from "./naming/path.ts";
import { systemNamers } from "./naming/system-namers.ts";
import { TransformedNamer } from "./naming/transformed-namer.ts";
import type { Transformer } from "./naming/transformer.ts";

const configured = Path.of("#");

/** By kind, what is reached under `/$/`; what plugins made of it is owned by `owner`. Rejects with PluginNotCreated. */
export async function openSystemNamers(
  config: Config,
  contextOf: (label: string) => PluginContext,
  owner: Scope,
): Promise<ReadonlyMap<string, Namer>> {
  const { clock, random, resolve: resolver } = contextOf("");
  const namers = new Map(systemNamers({ resolver, clock, random }));
  for (const kind of config.registry.kinds("systemNamer")) {
    const plugin = config.registry.get("systemNamer", kind);
    if (plugin === undefined) continue;
    const use: PluginUse<"systemNamer"> = { kind, plugin, config: plugin.schema.parse({}) as never };
    namers.set(kind, owner.own(await createPlugin(use, "systemNamer", contextOf(`/$/${kind}`))));
  }
  return namers;
}

/** The transformers in the order in which they stand in the file. Rejects with PluginNotCreated. */
export async function openTransformers(
  uses: readonly PluginUse<"transformer">[],
  context: PluginContext,
  owner: Scope,
): Promise<readonly Transformer[]> {
  const made: Transformer[] = [];
  for (const use of uses) made.push(owner.own(await createPlugin(use, "transformer", context)));
  return made;
}

/** What interpreters ask: each namer as it is, or with its transformers. These bind names by namers as they are. */
export async function openNamerEntries(
  plain: readonly (NamerEntry & { readonly use: NamerConfig })[],
  context: PluginContext,
  owner: Scope,
): Promise<readonly NamerEntry[]> {
  const entries: NamerEntry[] = [];
  for (const { use, ...entry } of plain) {
    const transformers = await openTransformers(use.transformers, { ...context, label: use.prefix.show }, owner);
    entries.push(transformers.length === 0 ? entry : withTransformers(entry, transformers));
  }
  return entries;
}

function withTransformers(entry: NamerEntry, transformers: readonly Transformer[]): NamerEntry {
  const namer = new TransformedNamer(entry.namer, configured.concat(entry.prefix), transformers);
  return { ...entry, namer, hasWholeIds: true };
}

/** What plugins bind paths with: namers alone, and no dtab. */
export function binderOf(...parts: Parameters<typeof namersAlone>): PluginContext["bind"] {
  const interpreter = namersAlone(...parts);
  return (path) => interpreter.bind(Dtab.empty, path);
}

/** An interpreter without a dtab; `owner` closes it. */
export function namersAlone(
  namers: readonly NamerEntry[],
  systemNamersByKind: ReadonlyMap<string, Namer>,
  owner: Scope,
): DtabInterpreter {
  const dtab = Var.of(Dtab.empty);
  return owner.own(new DtabInterpreter({ dtab, namers, systemNamers: systemNamersByKind }));
}
