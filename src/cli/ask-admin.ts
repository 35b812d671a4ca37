/** Asks the admin port of a running router, for the commands that show or change what it does. */
import { textFlag, UsageError, type Args, type CommandContext, type Flag } from "./command.ts";

const DEFAULT_ADMIN = "http://127.0.0.1:9990";
/** An order may have to wait for what it opens. */
const TIMEOUTS_MS = { GET: 5_000, POST: 20_000 } as const;

export const adminFlag: Flag = { doc: "Where its admin port is.", value: DEFAULT_ADMIN };

export interface AdminAnswer {
  readonly status: number;
  readonly text: string;
  /** Of `text`, which is JSON. */
  readonly data: unknown;
}

/**
 * What the admin port that the flags name answers, where that is JSON and no server error. Otherwise `undefined`, and
 * the terminal has been told why. Throws UsageError where the flag is no URL.
 */
export async function askAdmin(
  command: string,
  args: Args,
  { io }: CommandContext,
  path: string,
  method: "GET" | "POST" = "GET",
  body?: object,
): Promise<AdminAnswer | undefined> {
  const admin = textFlag(args, "admin") ?? DEFAULT_ADMIN;
  const url = urlOf(command, admin, path);
  try {
    const response = await fetch(url, { method, signal: AbortSignal.timeout(TIMEOUTS_MS[method]), ...asJson(body) });
    const text = await response.text();
    if (response.status >= 500 || response.status === 403) throw new Error(`it answered ${response.status}`);
    return { status: response.status, text, data: JSON.parse(text) as unknown };
  } catch (error) {
    io.err(
      `linkspan: ${url.origin} cannot be asked: ${reasonOf(error, TIMEOUTS_MS[method])}\nNext: linkspan run FILE, or --admin URL\n`,
    );
    return undefined;
  }
}

function asJson(body: object | undefined): Pick<RequestInit, "body" | "headers"> {
  return body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
}

function urlOf(command: string, admin: string, path: string): URL {
  const text = /^https?:\/\//.test(admin) ? admin : `http://${admin}`;
  if (!URL.canParse(text)) throw new UsageError(`--admin ${admin} is not a URL`, `linkspan ${command} --help`);
  return new URL(path, text);
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (error.name === "TimeoutError") return `no answer within ${timeoutMs / 1_000} s`;
  if (!(cause instanceof Error)) return error.message;
  return "code" in cause ? String(cause.code) : cause.message;
}
