/** The scope of a shift as text: also in browsers, so it imports no code. */
import type { ShiftScope } from "./shift-scope.ts";

/** As `--scope` takes it; empty where it is everyone. */
export function showScope({ routers, hosts, hostShare, zones }: ShiftScope): string {
  return [
    ...(routers === undefined ? [] : [`router=${routers.join(",")}`]),
    ...(hosts === undefined ? [] : [`host=${hosts.join(",")}`]),
    ...(hostShare === undefined ? [] : [`host=${hostShare}%`]),
    ...(zones === undefined ? [] : [`zone=${zones.join(",")}`]),
  ].join(" ");
}
