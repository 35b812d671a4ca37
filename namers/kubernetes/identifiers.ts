/** The plugins that name requests by what lies in Kubernetes. */
import { definePlugin, type PluginContext, s, sleep } from "linkspan/plugin";
import { accessFields, accessProblems, openAccess } from "./access-schema.ts";

/** How long a start waits for the first rules; then it goes on, and requests are refused until they are known. */
const PATIENCE_MS = 5_000;

export const ingressIdentifier = definePlugin({
  api: 1,
  family: "identifier",
  kind: "io.l5d.ingress",
  protocols: ["http", "h2"],
  schema: s.object(
    {
      ...accessFields,
      namespace: s.optional(s.string({ doc: "Only Ingresses of this namespace; of all if it is not said." })),
      ingressClassAnnotation: s.string({
        default: "linkerd",
        doc: "The class of the Ingresses that count, beside those that say none: an annotation, or `ingressClassName`.",
      }),
      ignoreDefaultBackends: s.boolean({
        default: false,
        doc: "Whether only rules count, and no default backend.",
      }),
    },
    { check: accessProblems },
  ),
  async create({ namespace = "*", ingressClassAnnotation, ignoreDefaultBackends, ...access }, context) {
    const [{ IngressWatch }, { IngressIdentifier }] = await Promise.all([
      import("./ingress-watch.ts"),
      import("./ingress-identifier.ts"),
    ]);
    const open = await openAccess(access, context);
    const options = { open, namespace, ingressClass: ingressClassAnnotation, ignoreDefaultBackends };
    const watch = new IngressWatch(options, context);
    endWith(context, watch);
    await Promise.race([watch.answered(), sleep(context.clock, PATIENCE_MS, context.signal).catch(() => undefined)]);
    return new IngressIdentifier(watch, context.dstPrefix);
  },
});

function endWith({ signal }: PluginContext, watch: AsyncDisposable): void {
  const end = (): void => void watch[Symbol.asyncDispose]();
  if (signal.aborted) end();
  else signal.addEventListener("abort", end, { once: true });
}
