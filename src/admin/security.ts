/** Which paths of the admin port are there, as `admin.security` says: the pages, what changes something, and the rest. */
import { MIRROR_APPROVAL } from "./mirror-routes.ts";
import { SHIFT_ORDERS } from "./shift-routes.ts";

export interface SecuritySettings {
  readonly uiEnabled: boolean;
  readonly controlEnabled: boolean;
  readonly diagnosticsEnabled: boolean;
  /** Regular expressions for whole paths. */
  readonly pathWhitelist: readonly string[];
  readonly pathBlacklist: readonly string[];
}

/** The pages, with what they are made of and what they read. */
const UI =
  /^\/(?:|help|config\.json|delegator(?:\.json)?|logging|(?:metrics|admin\/metrics)\.json|admin\/metrics|api\/.*|(?:admin\/)?files\/.*|[a-z]+\.(?:js|css|svg|ico))$/;

const CONTROL: ReadonlySet<string> = new Set([
  "/admin/shutdown",
  "/logging.json",
  "/admin/reload",
  "/admin/guard/release",
  MIRROR_APPROVAL,
  ...SHIFT_ORDERS,
]);

/** Whether a path is there, for whoever asks. */
export function pathFilter(settings: SecuritySettings | undefined): (path: string) => boolean {
  if (settings === undefined) return () => true;
  const { uiEnabled, controlEnabled, diagnosticsEnabled } = settings;
  const [black, white] = [settings.pathBlacklist.map(whole), settings.pathWhitelist.map(whole)];
  return (path) => {
    const isIn = (patterns: readonly RegExp[]): boolean => patterns.some((pattern) => pattern.test(path));
    if (isIn(black)) return false;
    const isOn = CONTROL.has(path) ? controlEnabled : UI.test(path) ? uiEnabled : diagnosticsEnabled;
    return isOn || isIn(white);
  };
}

function whole(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`);
}
