/** The steps of an explanation as a tree that the keyboard walks. */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Explanation } from "../../naming/explanation.ts";
import type { ExplainedStep } from "../../naming/explained-steps.ts";
import { showNumber } from "../../naming/name-tree.ts";
import { percent, ruleText, stepText } from "./explained-text.ts";
import { freshView, moveOf, opened, PAGE, rowsOf, type TreeRow, withMore } from "./tree-rows.ts";

export interface ExplainedTreeProps {
  readonly explanation: Explanation;
  readonly now: number;
  /** Somebody wants to see the rule in that line of the dtab. */
  readonly onRule: (line: number) => void;
}

export function ExplainedTree({ explanation, now, onRule }: ExplainedTreeProps) {
  const [view, setView] = useState(freshView);
  const [current, setCurrent] = useState("0");
  const tree = useRef<HTMLDivElement>(null);
  const wantsFocus = useRef(false);
  const rows = rowsOf(explanation.root, view);
  const found = rows.findIndex(({ key }) => key === current);
  const at = Math.max(0, found);

  useLayoutEffect(() => {
    if (!wantsFocus.current) return;
    wantsFocus.current = false;
    tree.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
  });

  const focus = (key: string | undefined): void => {
    if (key === undefined) return;
    wantsFocus.current = true;
    setCurrent(key);
  };
  const activate = (row: TreeRow): void => {
    if (row.kind === "more") {
      setView(withMore(view, row.key));
      // The first of those that come into view has the place of this row.
      return focus(`${row.key.slice(0, -1)}.${row.shown}`);
    }
    focus(row.key);
    if (row.isOpen !== undefined) setView(opened(view, row.key, !row.isOpen));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const row = rows[at] as TreeRow;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const move = moveOf(event.key, rows, at);
    if (move !== undefined && "focus" in move) focus(rows[move.focus]?.key);
    else if (move !== undefined) setView(opened(view, row.key, move.toggle));
    else if (event.key === "Enter" || event.key === " ") activate(row);
    else if (event.key === "r" && row.kind === "step") showRule(explanation, row.step, onRule);
    else return;
    event.preventDefault();
  };
  return (
    <div class="tree" role="tree" aria-label="steps" ref={tree} onKeyDown={onKeyDown}>
      {rows.map((row, index) => (
        <TreeItem key={row.key} row={row} isCurrent={index === at} onActivate={() => activate(row)}>
          {row.kind === "step" && <StepLine row={row} explanation={explanation} now={now} />}
        </TreeItem>
      ))}
    </div>
  );
}

function showRule({ rules }: Explanation, { rule }: ExplainedStep, onRule: (line: number) => void): void {
  const line = rule === undefined ? undefined : rules[rule]?.line;
  if (line !== undefined) onRule(line);
}

interface TreeItemProps {
  readonly row: TreeRow;
  readonly isCurrent: boolean;
  readonly onActivate: () => void;
  readonly children: ComponentChildren;
}

function TreeItem({ row, isCurrent, onActivate, children }: TreeItemProps) {
  const isStep = row.kind === "step";
  return (
    <div
      role="treeitem"
      class={isStep && row.step.taken ? "row taken" : "row"}
      data-level={Math.min(row.level, 12)}
      aria-level={row.level}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      {...(isStep && row.isOpen !== undefined ? { "aria-expanded": row.isOpen } : {})}
      tabIndex={isCurrent ? 0 : -1}
      onClick={onActivate}
    >
      {isStep ? (
        children
      ) : (
        <span class="more">
          {row.shown} of {row.total} are shown: show {Math.min(PAGE, row.total - row.shown)} more
        </span>
      )}
    </div>
  );
}

interface StepLineProps {
  readonly row: Extract<TreeRow, { readonly kind: "step" }>;
  readonly explanation: Explanation;
  readonly now: number;
}

function StepLine({ row: { step, parent, position, isOpen }, explanation, now }: StepLineProps) {
  const rule = ruleText(explanation, step);
  return (
    <>
      <span class="twist" aria-hidden="true">
        {isOpen === undefined ? "" : isOpen ? "▾" : "▸"}
      </span>
      <span class="mark">{step.taken ? "✓ taken" : "✗ not taken"}</span>
      {parent?.kind === "alt" && <span class="label">{position}.</span>}
      {step.weight !== undefined && (
        <span class="label">
          weight {showNumber(step.weight)}
          {step.share !== undefined && `, ${percent(step.share)}`}
        </span>
      )}
      <code>{step.path}</code> <span>{stepText(explanation, step, now)}</span>
      {rule !== "" && <small class="rule">{rule}</small>}
      {step.why !== undefined && <small class="why">{step.why}</small>}
    </>
  );
}
