/** The heaps of all threads that this one has started, after a collection in each. */
import { once } from "node:events";
import type { InspectorNotification, NodeWorker } from "node:inspector";
import { Session } from "node:inspector/promises";

type Attached = InspectorNotification<NodeWorker.AttachedToWorkerEventDataType>;
type Received = InspectorNotification<NodeWorker.ReceivedMessageFromWorkerEventDataType>;

interface Answer {
  readonly id?: number;
  readonly result?: { readonly usedSize?: number };
  readonly error?: { readonly message: string };
}

const ANSWER_MS = 10_000;

/** Bytes, in the order in which the threads were started. */
export async function workerHeaps(): Promise<readonly number[]> {
  const session = new Session();
  session.connect();
  try {
    const threads: string[] = [];
    session.on("NodeWorker.attachedToWorker", ({ params }: Attached) => threads.push(params.sessionId));
    await session.post("NodeWorker.enable", { waitForDebuggerOnStart: false });
    const heaps: number[] = [];
    for (const thread of threads) heaps.push(await heapOf(session, thread));
    return heaps;
  } finally {
    session.disconnect();
  }
}

async function heapOf(session: Session, thread: string): Promise<number> {
  // What the first collection lets go of may hold what the second does.
  for (let turn = 0; turn < 2; turn++) await ask(session, thread, "HeapProfiler.collectGarbage");
  const { usedSize } = await ask(session, thread, "Runtime.getHeapUsage");
  if (usedSize === undefined) throw new Error("a thread did not say what its heap takes");
  return usedSize;
}

let lastId = 0;

async function ask(session: Session, thread: string, method: string): Promise<NonNullable<Answer["result"]>> {
  const id = ++lastId;
  const signal = AbortSignal.timeout(ANSWER_MS);
  const answered = answerTo(session, thread, id, signal);
  await session.post("NodeWorker.sendMessageToWorker", { sessionId: thread, message: JSON.stringify({ id, method }) });
  const { result, error } = await answered;
  if (result === undefined) throw new Error(`${method}: ${error?.message ?? "no result"}`);
  return result;
}

async function answerTo(session: Session, thread: string, id: number, signal: AbortSignal): Promise<Answer> {
  for (;;) {
    const [{ params }] = (await once(session, "NodeWorker.receivedMessageFromWorker", { signal })) as [Received];
    const answer = JSON.parse(params.message) as Answer;
    if (params.sessionId === thread && answer.id === id) return answer;
  }
}
