/** The shifts: what each side was ordered and what it was measured to get, and what weights do not reach. */
import { useEffect, useState } from "preact/hooks";
import type { NoShifts, ShiftsView } from "../../bridge/shift-desk.ts";
import type { SideStatus } from "../../bridge/shift-side-status.ts";
import type { ShiftStatus } from "../../bridge/shift-status.ts";

const POLL_MS = 2_000;

/** Nothing where the daemon keeps no shifts, or has none. */
function useShifts(): readonly ShiftStatus[] {
  const [shifts, setShifts] = useState<readonly ShiftStatus[]>([]);
  useEffect(() => {
    const look = async (): Promise<void> => {
      const response = await fetch("api/shifts").catch(() => undefined);
      if (response?.ok === true) setShifts(((await response.json()) as ShiftsView | NoShifts).shifts);
    };
    void look();
    const timer = window.setInterval(() => void look(), POLL_MS);
    return () => window.clearInterval(timer);
  }, []);
  return shifts;
}

export function Shifts() {
  const shifts = useShifts();
  if (shifts.length === 0) return null;
  return (
    <section aria-label="shifts">
      <h2>shifts</h2>
      {shifts.map((shift) => (
        <Shift key={shift.plan.name} shift={shift} />
      ))}
    </section>
  );
}

function Shift({ shift }: { shift: ShiftStatus }) {
  const { plan, stage, sides, notes, verdict } = shift;
  const step = "step" in stage ? `, step ${stage.step + 1} of ${plan.steps.length}` : "";
  const why = verdict === undefined || verdict.tag === "good" ? verdict?.tag : verdict.why;
  return (
    <>
      <table>
        <caption>
          <code>{plan.path}</code> <small>{plan.name}</small> {stage.state}
          {step}
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
      <ul>
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </>
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
