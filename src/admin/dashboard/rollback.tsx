/** Takes all of a shift back, once it is confirmed: by mouse or by keyboard, with a reason for the records. */
import { useRef, useState } from "preact/hooks";
import type { ShiftPlan } from "../../bridge/shift.ts";

/** `done` is called when it is in force here. */
export function Rollback({ plan: { name, path, from }, done }: { plan: ShiftPlan; done: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState<string>();
  const rollBack = async (): Promise<void> => {
    const refused = await ordered(name, reason);
    setProblem(refused);
    if (refused !== undefined) return;
    dialog.current?.close();
    done();
  };
  return (
    <>
      <button onClick={() => dialog.current?.showModal()}>roll back</button>
      <dialog ref={dialog} aria-label={`roll ${name} back`}>
        <p>
          Everywhere all requests for <code>{path}</code> go to <code>{from}</code> again, until somebody acknowledges
          it.
        </p>
        <label>
          why, for the records <input value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
        </label>
        {problem !== undefined && <p role="alert">{problem}</p>}
        <button onClick={() => void rollBack()}>roll back now</button>{" "}
        <button onClick={() => dialog.current?.close()}>leave it as it is</button>
      </dialog>
    </>
  );
}

/** Why it is not so. */
async function ordered(name: string, reason: string): Promise<string | undefined> {
  const order = { method: "POST", headers: { "content-type": "application/json" } };
  const body = JSON.stringify({ name, reason, who: "somebody at the admin page" });
  const response = await fetch("api/shifts/rollback", { ...order, body }).catch(() => undefined);
  if (response === undefined) return "the router does not answer";
  if (response.ok) return undefined;
  const text = await response.text();
  // What the port itself refuses is a line of text.
  return response.headers.get("content-type")?.includes("json") === true
    ? (JSON.parse(text) as { error: string }).error
    : text;
}
