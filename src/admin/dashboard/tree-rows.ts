/** An explanation's tree as rows: what is open, which part of many children is shown, and where the keyboard goes. */
import type { ExplainedStep } from "../../naming/explained-steps.ts";

/** How many children of a step are shown at once. */
export const PAGE = 50;

/** What a reader has opened, closed and asked more of; by the key of a step. */
export interface TreeView {
  readonly open: ReadonlyMap<string, boolean>;
  readonly shown: ReadonlyMap<string, number>;
}

export const freshView: TreeView = { open: new Map(), shown: new Map() };

interface Place {
  /** Indexes from the root on, such as `0.3`; of a row for more children that of their parent, with `+`. */
  readonly key: string;
  readonly level: number;
  /** From 1, among its siblings. */
  readonly position: number;
  readonly siblings: number;
}

export type TreeRow = Place &
  (
    | {
        readonly kind: "step";
        readonly step: ExplainedStep;
        readonly parent: ExplainedStep | undefined;
        /** `undefined` where nothing is below it. */
        readonly isOpen: boolean | undefined;
      }
    | { readonly kind: "more"; readonly shown: number; readonly total: number }
  );

/** Ways that are taken are open at first, others closed. */
export function rowsOf(root: ExplainedStep, view: TreeView): readonly TreeRow[] {
  const rows: TreeRow[] = [];
  const add = (step: ExplainedStep, parent: ExplainedStep | undefined, place: Place): void => {
    const { next = [] } = step;
    const { key, level } = place;
    const isOpen = next.length === 0 ? undefined : (view.open.get(key) ?? step.taken);
    rows.push({ ...place, kind: "step", step, parent, isOpen });
    if (isOpen !== true) return;
    const shown = Math.min(next.length, view.shown.get(key) ?? PAGE);
    const siblings = next.length + (shown < next.length ? 1 : 0);
    for (let at = 0; at < shown; at++) {
      add(next[at] as ExplainedStep, step, { key: `${key}.${at}`, level: level + 1, position: at + 1, siblings });
    }
    if (shown === next.length) return;
    rows.push({
      kind: "more",
      key: `${key}+`,
      level: level + 1,
      position: siblings,
      siblings,
      shown,
      total: next.length,
    });
  };
  add(root, undefined, { key: "0", level: 1, position: 1, siblings: 1 });
  return rows;
}

export function opened(view: TreeView, key: string, isOpen: boolean): TreeView {
  return { ...view, open: new Map(view.open).set(key, isOpen) };
}

/** One page more of the children below the row for more of them. */
export function withMore(view: TreeView, moreKey: string): TreeView {
  const key = moreKey.slice(0, -1);
  return { ...view, shown: new Map(view.shown).set(key, (view.shown.get(key) ?? PAGE) + PAGE) };
}

/** What a key does in a tree (ARIA Authoring Practices, tree view): another row, or a row that opens or closes. */
export type TreeMove = { readonly focus: number } | { readonly toggle: boolean } | undefined;

export function moveOf(pressed: string, rows: readonly TreeRow[], at: number): TreeMove {
  const row = rows[at];
  if (row === undefined) return undefined;
  const isOpen = row.kind === "step" ? row.isOpen : undefined;
  switch (pressed) {
    case "ArrowDown":
      return { focus: Math.min(rows.length - 1, at + 1) };
    case "ArrowUp":
      return { focus: Math.max(0, at - 1) };
    case "Home":
      return { focus: 0 };
    case "End":
      return { focus: rows.length - 1 };
    case "ArrowRight":
      if (isOpen === undefined) return undefined;
      return isOpen ? { focus: at + 1 } : { toggle: true };
    case "ArrowLeft":
      return isOpen === true ? { toggle: false } : { focus: parentAt(rows, at) };
    default:
      return undefined;
  }
}

function parentAt(rows: readonly TreeRow[], at: number): number {
  const level = rows[at]?.level ?? 1;
  for (let above = at - 1; above >= 0; above--) if ((rows[above]?.level ?? 0) < level) return above;
  return at;
}
