/** Asks the admin port to explain, a moment after the last change, and forgets answers that came too late. */
import { useEffect, useState } from "preact/hooks";
import type { ExplainAnswer, ExplainQuestion } from "../../naming/explanation.ts";

const DELAY_MS = 200;

export interface Asked {
  readonly answer: ExplainAnswer | undefined;
  /** Why there is none. */
  readonly error: string | undefined;
  readonly isWaiting: boolean;
}

/** `undefined` asks nothing, and keeps the last answer. */
export function useExplanation(question: ExplainQuestion | undefined): Asked {
  const [asked, setAsked] = useState<Asked>({ answer: undefined, error: undefined, isWaiting: false });
  const body = question === undefined ? undefined : JSON.stringify(question);
  useEffect(() => {
    if (body === undefined) return undefined;
    const end = new AbortController();
    const timer = window.setTimeout(() => {
      setAsked((before) => ({ ...before, isWaiting: true }));
      ask(body, end.signal).then(setAsked, () => undefined);
    }, DELAY_MS);
    return () => {
      window.clearTimeout(timer);
      end.abort();
    };
  }, [body]);
  return asked;
}

/** Rejects when it was given up. */
async function ask(body: string, signal: AbortSignal): Promise<Asked> {
  try {
    const headers = { "content-type": "application/json" };
    const response = await fetch("api/explain", { method: "POST", body, headers, signal });
    const data = (await response.json()) as ExplainAnswer & { readonly error?: string };
    if (response.ok) return { answer: data, error: undefined, isWaiting: false };
    return { answer: undefined, error: data.error ?? `the router answered ${response.status}`, isWaiting: false };
  } catch (error) {
    if (signal.aborted) throw error;
    return { answer: undefined, error: "the router cannot be asked", isWaiting: false };
  }
}
