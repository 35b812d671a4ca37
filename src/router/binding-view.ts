/** What people are shown of a binding. */
export interface BindingView {
  readonly state: "pending" | "failed" | "ok";
  /** The bound tree, with ids for leaves. */
  readonly tree?: string;
  readonly cause?: string;
  readonly stale?: { readonly since: number; readonly cause: string };
  readonly clusters: readonly string[];
  /** A newer tree waits for the addresses of its clusters; the old one serves. */
  readonly switching: boolean;
  readonly parked: number;
}
