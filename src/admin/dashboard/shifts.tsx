/** The shifts: what each side was ordered and what it was measured to get, what weights do not reach, and the way back. */
import { useEffect, useState } from "preact/hooks";
import type { NoShifts, ShiftsView } from "../../bridge/shift-desk.ts";
import { showScope } from "../../bridge/shift-scope-text.ts";
import type { SideStatus } from "../../bridge/shift-side-status.ts";
import type { ShiftStatus } from "../../bridge/shift-status.ts";
import { Rollback } from "./rollback.tsx";

const POLL_MS = 1_000;
/** Changes that are shown with a shift. */
const SHOWN = 5;

/** What was seen last, and `look` for the next at once. */
function useShifts(): { readonly view: ShiftsView | NoShifts | undefined; readonly look: () => void } {
  const [view, setView] = useState<ShiftsView | NoShifts>();
  const look = async (): Promise<void> => {
    const response = await fetch("api/shifts").catch(() => undefined);
    if (response?.ok === true) setView((await response.json()) as ShiftsView | NoShifts);
  };
  useEffect(() => {
    void look();
    const timer = window.setInterval(() => void look(), POLL_MS);
    return () => window.clearInterval(timer);
  }, []);
  return { view, look: () => void look() };
}

export function Shifts() {
  const { view, look } = useShifts();
  const trouble = view === undefined ? undefined : troubleOf(view);
  if (view === undefined || (view.shifts.length === 0 && trouble === undefined)) return null;
  return (
    <section aria-label="shifts">
      <h2>shifts</h2>
      {trouble !== undefined && (
        <p class={"problem" in view ? "empty" : "lost"} role={"problem" in view ? undefined : "alert"}>
          {trouble}
        </p>
      )}
      {view.shifts.map((shift) => (
        <Shift key={shift.plan.name} shift={shift} look={look} />
      ))}
    </section>
  );
}

function troubleOf(view: ShiftsView | NoShifts): string | undefined {
  if ("problem" in view) return view.problem;
  const { store, overrideProblem } = view;
  if (store.state === "stale" || store.state === "failed") {
    return `the store ${store.place} cannot be asked: ${store.cause}; what was ordered last stays in force, and a rollback works`;
  }
  return overrideProblem === undefined ? undefined : `the override file is not in force: ${overrideProblem}`;
}

function Shift({ shift, look }: { shift: ShiftStatus; look: () => void }) {
  const { plan, stage, sides, notes, verdict, history } = shift;
  const step = "step" in stage ? `, step ${stage.step + 1} of ${plan.steps.length}` : "";
  const why = verdict === undefined || verdict.tag === "good" ? verdict?.tag : verdict.why;
  const isAcknowledged = "acknowledged" in stage && stage.acknowledged;
  return (
    <article class="shift" aria-label={`shift ${plan.name}`}>
      <table>
        <caption>
          <code>{plan.path}</code> <small>{plan.name}</small> {stage.state}
          {isAcknowledged ? ", acknowledged" : step} <small>{showScope(plan.scope)}</small>
          {shift.override && ", overridden on this host"} {why && <small>{why}</small>}
        </caption>
        <thead>
          <tr>
            <th>side</th>
            <th>name</th>
            <th>ordered</th>
            <th>measured</th>
            <th>requests</th>
            <th>success</th>
            <th>p99</th>
            <th>endpoints</th>
          </tr>
        </thead>
        <tbody>
          <Row side="from" status={sides.from} />
          <Row side="to" status={sides.to} />
        </tbody>
      </table>
      {stage.state !== "planned" && stage.state !== "rolled-back" && !isAcknowledged && (
        <Rollback plan={plan} done={look} />
      )}
      {shift.isOwed && <p role="status">the store does not have the newest change yet; it is in force here</p>}
      <ul>
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
        {history.slice(-SHOWN).map(({ revision, at, verb, who, why: reason }) => (
          <li key={revision}>
            <small>
              {new Date(at).toISOString().slice(0, 19)}Z {verb} by {who}: {reason}
            </small>
          </li>
        ))}
      </ul>
    </article>
  );
}

function Row({ side, status }: { side: string; status: SideStatus }) {
  const { name, weight, share, requests, successRate, p99Ms, endpoints, problem } = status;
  return (
    <tr class={problem === undefined ? "ok" : "failed"}>
      <td>{side}</td>
      <td>
        <code>{name}</code>
      </td>
      <td>{weight !== undefined && `${weight.toFixed(2)} %`}</td>
      <td>{share !== undefined && `${share.toFixed(2)} %`}</td>
      <td>{requests}</td>
      <td>{successRate !== undefined && `${(successRate * 100).toFixed(2)} %`}</td>
      <td>{p99Ms !== undefined && `${p99Ms.toFixed(1)} ms`}</td>
      <td>{problem ?? endpoints}</td>
    </tr>
  );
}
