/** The mirrors: what each publishes, who leads, and what is held, refused, unreachable or in conflict. */
import { useEffect, useState } from "preact/hooks";
import type { MirrorsAnswer, MirrorStatus, TargetStatus } from "../../bridge/mirror-status.ts";

const POLL_MS = 2_000;

/** Nothing where the daemon has no mirrors. The page counts from 0. */
function useMirrors(search: string, page: number, size: number): MirrorsAnswer | undefined {
  const [answer, setAnswer] = useState<MirrorsAnswer>();
  useEffect(() => {
    let isOver = false;
    const query = new URLSearchParams({ search, page: String(page), size: String(size) });
    const look = async (): Promise<void> => {
      const response = await fetch(`api/mirrors?${query}`).catch(() => undefined);
      if (response?.ok !== true) return;
      const seen = (await response.json()) as MirrorsAnswer;
      if (!isOver) setAnswer(seen);
    };
    void look();
    const timer = window.setInterval(() => void look(), POLL_MS);
    return () => {
      isOver = true;
      window.clearInterval(timer);
    };
  }, [search, page, size]);
  return answer;
}

export function Mirrors({ search, page, size }: { search: string; page: number; size: number }) {
  const answer = useMirrors(search, page, size);
  if (answer === undefined || answer.mirrors.length === 0) return null;
  return (
    <section aria-label="mirrors">
      <h2>mirrors</h2>
      {answer.mirrors.map((mirror) => (
        <Mirror key={mirror.mirror} mirror={mirror} />
      ))}
      {answer.left > 0 && <p>{answer.left} more targets on the next pages</p>}
    </section>
  );
}

function Mirror({ mirror }: { mirror: MirrorStatus }) {
  const { totals, role, leader, trouble } = mirror;
  const counts = [
    `${totals.entries} published at ${totals.targets}`,
    ...(["held", "refused", "conflicts", "unreachable", "troubled"] as const)
      .filter((key) => totals[key] > 0)
      .map((key) => `${totals[key]} ${key}`),
  ];
  return (
    <table>
      <caption>
        <code>{mirror.mirror}</code>{" "}
        <small>
          {role}
          {leader !== undefined && `, ${leader} leads`}: {counts.join(", ")}
          {trouble !== undefined && `; ${trouble}`}
        </small>
      </caption>
      <thead>
        <tr>
          <th>source</th>
          <th>target</th>
          <th>state</th>
          <th>entries</th>
          <th>what is not as it should be</th>
        </tr>
      </thead>
      <tbody>
        {mirror.targets.map((target) => (
          <tr key={target.target} class={classOf(target)}>
            <td>
              <code>{target.source}</code>
            </td>
            <td>
              <code>{target.target}</code>
            </td>
            <td>{target.state}</td>
            <td>{target.entries}</td>
            <td>{notesOf(target).join("; ")}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const CLASSES: Partial<Record<TargetStatus["state"], string>> = { agreed: "ok", refused: "failed", troubled: "failed" };
const classOf = ({ state }: TargetStatus): string => CLASSES[state] ?? state;

const MOST_NOTES = 5;

function notesOf({ held, conflicts, refusal, trouble, leftOut }: TargetStatus): readonly string[] {
  const unreachable = leftOut.filter(({ why }) => why === "unreachable" || why === "unplaced");
  const notes = [
    ...(refusal === undefined ? [] : [refusal]),
    ...(trouble === undefined ? [] : [trouble.cause]),
    ...held.map(({ id, why }) => `${id} held: ${why}`),
    ...conflicts.map(({ id, cause }) => `${id} in conflict: ${cause}`),
    ...unreachable.map(({ id, why, cause }) => `${id} ${why}: ${cause ?? "it did not answer"}`),
  ];
  return notes.length > MOST_NOTES ? [...notes.slice(0, MOST_NOTES), `${notes.length - MOST_NOTES} more`] : notes;
}
