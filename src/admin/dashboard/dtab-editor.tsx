/** Where a dtab is edited: with line numbers, and the mistake marked at its place while one types. */
import { useRef } from "preact/hooks";
import type { DtabProblem } from "./dtab-problem.ts";

export interface DtabEditorProps {
  readonly text: string;
  readonly problem: DtabProblem | undefined;
  readonly onText: (text: string) => void;
  /** The text area, for whoever moves the cursor in it. */
  readonly area: { current: HTMLTextAreaElement | null };
}

/** Puts the cursor there, and brings it into view. */
export function goTo(area: HTMLTextAreaElement | null, from: number, to: number): void {
  if (area === null) return;
  area.focus();
  area.setSelectionRange(from, to);
  const line = area.value.slice(0, from).split("\n").length - 1;
  const lineHeight = area.scrollHeight / Math.max(1, area.value.split("\n").length);
  area.scrollTop = Math.max(0, line * lineHeight - area.clientHeight / 2);
}

export function DtabEditor({ text, problem, onText, area }: DtabEditorProps) {
  const behind = useRef<HTMLPreElement>(null);
  const gutter = useRef<HTMLPreElement>(null);
  const scrolled = (): void => {
    const { scrollTop = 0, scrollLeft = 0 } = area.current ?? {};
    behind.current?.scrollTo(scrollLeft, scrollTop);
    gutter.current?.scrollTo(0, scrollTop);
  };
  const lines = text.split("\n").length;
  const numbers = Array.from({ length: lines }, (_, at) => at + 1).join("\n");
  const from = problem?.offset ?? text.length;
  return (
    <div class="field">
      <label for="dtab">dtab ({lines === 1 ? "1 line" : `${lines} lines`}; later lines win)</label>
      <div class="editor">
        <pre class="gutter" aria-hidden="true" ref={gutter}>
          {numbers}
        </pre>
        <div class="sheet">
          <pre class="behind" aria-hidden="true" ref={behind}>
            {text.slice(0, from)}
            {problem && <mark>{text.charAt(from).trim() === "" ? " " : text.charAt(from)}</mark>}
            {text.slice(from + 1)}
            {"\n"}
          </pre>
          <textarea
            id="dtab"
            ref={area}
            wrap="off"
            spellcheck={false}
            autocomplete="off"
            rows={14}
            value={text}
            aria-invalid={problem !== undefined}
            aria-describedby="dtab-problem"
            onScroll={scrolled}
            onInput={(event) => onText(event.currentTarget.value)}
          />
        </div>
      </div>
      <Mistake problem={problem} area={area} />
    </div>
  );
}

function Mistake({ problem, area }: Pick<DtabEditorProps, "problem" | "area">) {
  return (
    <p id="dtab-problem" class="problem" aria-live="polite">
      {problem && (
        <>
          mistake in line {problem.line}, column {problem.column}: {problem.message}{" "}
          <button type="button" onClick={() => goTo(area.current, problem.offset, problem.offset + 1)}>
            go to the mistake
          </button>
        </>
      )}
    </p>
  );
}
