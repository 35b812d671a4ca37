/** Several changes as one: all of them or none. */
import type { JuteReader, JuteWriter } from "./jute.ts";
import { type CreateMode, type CreateOptions, createOperation, writeCreate } from "./operations.ts";
import { Op, readStat, type ZkStat } from "./records.ts";
import { ZkError, zkErrorOf } from "./zk-error.ts";

/** `version` absent: whatever it is. */
export type MultiOperation =
  | {
      readonly kind: "create";
      readonly path: string;
      readonly data: Uint8Array;
      readonly mode?: CreateMode;
      readonly options?: CreateOptions;
    }
  | { readonly kind: "setData"; readonly path: string; readonly data: Uint8Array; readonly version?: number }
  | { readonly kind: "delete"; readonly path: string; readonly version?: number }
  | { readonly kind: "check"; readonly path: string; readonly version: number };

/** `path` is what a creation made, `stat` what a change of data left. */
export interface MultiResult {
  readonly path?: string;
  readonly stat?: ZkStat;
}

/** Nothing was done, because of the operation number `at`. */
export class ZkMultiError extends ZkError {
  readonly at: number;
  constructor(cause: ZkError, at: number) {
    super(cause.code, `operation ${at} of a multi: ${cause.message}`, { cause, number: cause.number });
    this.name = "ZkMultiError";
    this.at = at;
  }
}

const ERROR = -1;
/** What the operations after the obstacle get. */
const RUNTIME_INCONSISTENCY = -2;

export function writeMulti(
  writer: JuteWriter,
  operations: readonly MultiOperation[],
  full: (path: string) => string,
): void {
  for (const operation of operations) {
    writer.int(operationNumber(operation)).boolean(false).int(-1);
    writeOne(writer, operation, full(operation.path));
  }
  writer.int(-1).boolean(true).int(-1);
}

export function readMulti(
  reader: JuteReader,
  operations: readonly MultiOperation[],
  inside: (path: string) => string,
): MultiResult[] {
  const results: MultiResult[] = [];
  let obstacle: ZkMultiError | undefined;
  for (;;) {
    const type = reader.int();
    const done = reader.boolean();
    reader.int();
    if (done) break;
    if (type === ERROR) {
      const error = reader.int();
      const at = results.length;
      if (error !== 0 && error !== RUNTIME_INCONSISTENCY)
        obstacle ??= new ZkMultiError(zkErrorOf(error, describe(operations[at])), at);
      results.push({});
    } else results.push(readOne(reader, type, inside));
  }
  if (obstacle) throw obstacle;
  return results;
}

function operationNumber(operation: MultiOperation): number {
  if (operation.kind === "create") return createOperation(operation.mode ?? "persistent", operation.options ?? {});
  return Op[operation.kind];
}

function describe(operation: MultiOperation | undefined): string {
  return operation ? `${operation.kind} ${operation.path}` : "more results than operations";
}

function writeOne(writer: JuteWriter, operation: MultiOperation, path: string): void {
  switch (operation.kind) {
    case "create":
      return writeCreate(writer, path, operation.data, operation.mode ?? "persistent", operation.options ?? {});
    case "setData":
      return void writer
        .string(path)
        .buffer(operation.data)
        .int(operation.version ?? -1);
    case "delete":
    case "check":
      return void writer.string(path).int(operation.version ?? -1);
  }
}

function readOne(reader: JuteReader, type: number, inside: (path: string) => string): MultiResult {
  switch (type) {
    case Op.create:
      return { path: inside(reader.string()) };
    case Op.create2:
    case Op.createContainer:
    case Op.createTtl:
      return { path: inside(reader.string()), stat: readStat(reader) };
    case Op.setData:
      return { stat: readStat(reader) };
    default:
      return {};
  }
}
