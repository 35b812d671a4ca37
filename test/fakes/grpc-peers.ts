/** gRPC callers and backends of others' making (grpc-js), whose messages are plain bytes. */
import {
  Client,
  type ClientDuplexStream,
  type ClientOptions,
  type ClientReadableStream,
  credentials,
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerOptions,
  type ServiceError,
  type status,
  type StatusObject,
} from "@grpc/grpc-js";

export interface Handlers {
  readonly unary: handleUnaryCall<Buffer, Buffer>;
  readonly collect: handleClientStreamingCall<Buffer, Buffer>;
  readonly spread: handleServerStreamingCall<Buffer, Buffer>;
  readonly chat: handleBidiStreamingCall<Buffer, Buffer>;
}

const same = (bytes: Buffer): Buffer => bytes;

function method(name: string, requestStream: boolean, responseStream: boolean): MethodDefinition<Buffer, Buffer> {
  const bytes = {
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
  return { path: `/test.Echo/${name}`, requestStream, responseStream, ...bytes };
}

const methods = {
  unary: method("Unary", false, false),
  collect: method("Collect", true, false),
  spread: method("Spread", false, true),
  chat: method("Chat", true, true),
};

/** What the methods do where a test says nothing: each gives back what it got. */
const echoes: Handlers = {
  unary: (call, reply) => reply(null, call.request),
  collect: (call, reply) => {
    const parts: Buffer[] = [];
    call.on("data", (part: Buffer) => parts.push(part));
    call.on("end", () => reply(null, Buffer.concat(parts)));
  },
  spread: (call) => {
    call.write(call.request);
    call.end();
  },
  chat: (call) => {
    call.on("data", (message: Buffer) => {
      if (!call.write(message)) {
        call.pause();
        call.once("drain", () => call.resume());
      }
    });
    call.on("end", () => call.end());
  },
};

const unlimited = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };

export interface GrpcBackend extends AsyncDisposable {
  readonly port: number;
  /** Closes every connection at once. */
  cut(): void;
}

export async function startGrpcBackend(
  handlers: Partial<Handlers> = {},
  options: ServerOptions = {},
): Promise<GrpcBackend> {
  const server = new Server({ ...unlimited, ...options });
  server.addService(methods, { ...echoes, ...handlers });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  const cut = (): void => server.forceShutdown();
  return { port, cut, [Symbol.asyncDispose]: async () => cut() };
}

/** How a call went, from its caller's side. */
export interface Outcome {
  readonly code: status;
  readonly details: string;
  readonly messages: readonly Buffer[];
  readonly initial: Metadata | undefined;
  readonly trailing: Metadata;
}

export interface CallOptions {
  readonly metadata?: Metadata;
  readonly deadline?: Date;
}

/** What every kind of call tells. */
interface Told {
  on(event: "metadata", listener: (metadata: Metadata) => void): unknown;
  on(event: "status", listener: (status: StatusObject) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
}

export class GrpcCaller implements Disposable {
  readonly #client: Client;

  constructor(port: number, authority: string, options: ClientOptions = {}) {
    this.#client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
      "grpc.default_authority": authority,
      "grpc.enable_retries": 0,
      "grpc.use_local_subchannel_pool": 1,
      ...unlimited,
      ...options,
    });
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }

  unary(message: Buffer, options: CallOptions = {}): Promise<Outcome> {
    const { reply, messages } = replies();
    const { path } = methods.unary;
    const call = this.#client.makeUnaryRequest(path, same, same, message, ...said(options), reply);
    return outcomeOf(call, messages);
  }

  collect(messages: Iterable<Buffer>, options: CallOptions = {}): Promise<Outcome> {
    const { reply, messages: got } = replies();
    const call = this.#client.makeClientStreamRequest(methods.collect.path, same, same, ...said(options), reply);
    const outcome = outcomeOf(call, got);
    for (const message of messages) call.write(message);
    call.end();
    return outcome;
  }

  spread(message: Buffer, options: CallOptions = {}): Promise<Outcome> {
    return gathered(this.startSpread(message, options));
  }

  startSpread(message: Buffer, options: CallOptions = {}): ClientReadableStream<Buffer> {
    return this.#client.makeServerStreamRequest(methods.spread.path, same, same, message, ...said(options));
  }

  chat(messages: Iterable<Buffer>, options: CallOptions = {}): Promise<Outcome> {
    const call = this.startChat(options);
    const outcome = gathered(call);
    for (const message of messages) call.write(message);
    call.end();
    return outcome;
  }

  startChat(options: CallOptions = {}): ClientDuplexStream<Buffer, Buffer> {
    return this.#client.makeBidiStreamRequest(methods.chat.path, same, same, ...said(options));
  }
}

/** Takes every message of a stream, to its end. */
export function gathered(call: ClientReadableStream<Buffer>): Promise<Outcome> {
  const messages: Buffer[] = [];
  call.on("data", (message: Buffer) => messages.push(message));
  return outcomeOf(call, messages);
}

function said({ metadata, deadline }: CallOptions): [Metadata, { deadline?: Date }] {
  return [metadata ?? new Metadata(), deadline === undefined ? {} : { deadline }];
}

/** Takes the one message of an answer; how the call ended is told by its status. */
function replies(): { reply: (error: ServiceError | null, message?: Buffer) => void; messages: Buffer[] } {
  const messages: Buffer[] = [];
  const reply = (error: ServiceError | null, message?: Buffer): void => {
    if (error === null && message !== undefined) messages.push(message);
  };
  return { reply, messages };
}

function outcomeOf(call: Told, messages: readonly Buffer[]): Promise<Outcome> {
  let initial: Metadata | undefined;
  call.on("metadata", (metadata: Metadata) => (initial = metadata));
  // Its status says the same.
  call.on("error", () => undefined);
  return new Promise((resolve) => {
    call.on("status", ({ code, details, metadata }: StatusObject) => {
      // A unary answer's message is given after its status.
      setImmediate(() => resolve({ code, details, messages, initial, trailing: metadata }));
    });
  });
}
