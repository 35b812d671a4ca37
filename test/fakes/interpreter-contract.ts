/** What every interpreter keeps, wherever its dtab lies: the last good one, never emptied by accident, and healed by itself. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { Scope } from "../../src/base/scope.ts";
import { MetricsRegistry } from "../../src/base/metrics-registry.ts";
import type { Metrics } from "../../src/base/metrics.ts";
import { builtins } from "../../src/builtins.ts";
import { parseConfig } from "../../src/config/load.ts";
import { Dtab } from "../../src/naming/dtab.ts";
import { childrenOf, type Delegation, type Step } from "../../src/naming/delegation.ts";
import type { Interpreter } from "../../src/naming/interpreter.ts";
import type { NameTree } from "../../src/naming/name-tree.ts";
import type { Bound } from "../../src/naming/namer.ts";
import { Path } from "../../src/naming/path.ts";
import { openNaming } from "../../src/naming-root.ts";
import { Memory } from "../../src/snapshot/memory.ts";
import { CountingClock } from "../../src/testing/counting-clock.ts";
import { eventually, quietFor } from "../../src/testing/eventually.ts";
import { FollowedVar } from "../../src/testing/followed-var.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import { RecordingLog } from "../../src/testing/recording-log.ts";
import { showState } from "./naming-fixture.ts";

export interface InterpreterFixture extends AsyncDisposable {
  /** What a router has as its `interpreter`. */
  readonly interpreter: object;
  /** Where relative paths of the configuration begin. */
  readonly baseDir?: string;
  /** Writes the dtab, also past an outage of the interpreter's. */
  write(dtab: string): void | Promise<void>;
  /** Writes what is no dtab, and says where the mistake is. Kinds whose source refuses it leave it out. */
  spoil?(): string | Promise<string>;
  /** Takes the whole dtab away. */
  remove?(): void | Promise<void>;
  down(): void | Promise<void>;
  up(): void | Promise<void>;
  /** What is open towards the source. */
  connections(): number;
}

export interface InterpreterFixtureOptions {
  /** The source cannot be asked when the fixture begins. */
  readonly down: boolean;
  /** Tells its dtab from those of other fixtures: letters and digits. */
  readonly name: string;
}

export interface InterpreterContractOptions {
  /** Where a rule of the dtab says that it stands. */
  readonly place: RegExp;
  /** What becomes of a dtab that is taken away: it is held and then believed, or that is an outage like others. */
  readonly removed: "believed" | "outage" | "refused";
  /** Whether its source takes in what is no dtab. */
  readonly canBeSpoiled: boolean;
  /** How long healing may take. */
  readonly healsWithinMs?: number;
}

type Make = (options: InterpreterFixtureOptions) => Promise<InterpreterFixture>;

const HOLD_MS = 600;
const name = Path.read("/svc/users");
const to = (port: number): string => `/svc/users => /$/inet/127.0.0.1/${port} ;`;
const newName = (): string => randomUUID().slice(0, 8);
const bound = (port: number): string => `/$/inet/127.0.0.1/${port}@/`;

/** One daemon's naming, as far as one router needs it. */
class Scene implements AsyncDisposable {
  readonly fixture: InterpreterFixture;
  readonly clock = new CountingClock();
  readonly log = new RecordingLog();
  readonly metrics = new MetricsRegistry();
  readonly #scope = new Scope();
  readonly #memory: Memory;
  #followed: FollowedVar<NameTree<Bound>> | undefined;
  #interpreter: Interpreter | undefined;

  constructor(fixture: InterpreterFixture, memory = new Memory()) {
    this.fixture = fixture;
    this.#memory = memory;
  }

  /** As a daemon has it, or a command, which remembers nothing. */
  async open(dtab = "", as: "daemon" | "command" = "daemon"): Promise<Interpreter> {
    const router = {
      protocol: "http",
      label: "out",
      dtab,
      servers: [{ port: 0 }],
      interpreter: this.fixture.interpreter,
    };
    const text = JSON.stringify({ routers: [router], guard: { hold: `${HOLD_MS}ms` } });
    const { baseDir = process.cwd() } = this.fixture;
    const config = await parseConfig(text, { file: "linkerd.yaml", baseDir, builtins });
    const world = { ...testContext({ clock: this.clock, log: this.log }), metrics: this.metrics satisfies Metrics };
    const naming = await openNaming(config, world, this.#scope, as === "daemon" ? this.#memory : undefined);
    const [first] = config.routers;
    assert.ok(first);
    this.#interpreter = naming.interpreterFor(first);
    return this.#interpreter;
  }

  get interpreter(): Interpreter {
    assert.ok(this.#interpreter);
    return this.#interpreter;
  }

  /** What the name is bound to, from now on. */
  get name(): FollowedVar<NameTree<Bound>> {
    this.#followed ??= new FollowedVar(this.interpreter.bind(Dtab.empty, name));
    return this.#followed;
  }

  get shown(): string {
    return showState(this.name.state);
  }

  metric(of: string): number {
    const series = this.metrics.families().find(({ spec }) => spec.name === of)?.series[0];
    return series && "value" in series ? series.value : NaN;
  }

  becomes(shown: string, withinMs?: number): Promise<unknown> {
    return eventually(`${shown}, and not ${this.shown}`, () => this.shown === shown, withinMs);
  }

  isWell(shown: string, withinMs?: number): Promise<unknown> {
    const well = (): boolean => this.shown === shown && !this.name.isStale && !this.name.isHeld;
    return eventually(`${shown}, confirmed`, well, withinMs);
  }

  async close(): Promise<void> {
    this.#followed?.[Symbol.dispose]();
    await this.#scope.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    await this.fixture[Symbol.asyncDispose]();
  }
}

type Open = (dtab?: string, down?: boolean) => Promise<Scene>;

export function interpreterContract(title: string, make: Make, options: InterpreterContractOptions): void {
  const open: Open = async (dtab, down = false) => {
    const scene = new Scene(await make({ down, name: newName() }));
    if (dtab !== undefined) await scene.fixture.write(dtab);
    return scene;
  };
  bindings(title, open, options);
  emptied(title, open);
  if (options.removed !== "refused") removal(title, open, options.removed === "believed");
  if (options.canBeSpoiled) mistakes(title, open, options.healsWithinMs);
  outages(title, make, open, options.healsWithinMs);
  endings(title, open);
}

function bindings(title: string, open: Open, { place, removed }: InterpreterContractOptions): void {
  test(`${title} binds by its dtab, with the router's over it and the caller's over both`, async () => {
    const others = "/svc/orders => /$/inet/127.0.0.1/1002 ;\n/svc/rest => /$/inet/127.0.0.1/1003 ;";
    await using scene = await open(`${to(1001)}\n${others}`);
    const interpreter = await scene.open("/svc/orders => /$/inet/127.0.0.1/2002 ;");
    await scene.becomes(bound(1001));
    using orders = new FollowedVar(interpreter.bind(Dtab.empty, Path.read("/svc/orders")));
    await eventually("the router's dtab lies over it", () => showState(orders.state) === bound(2002));
    const local = Dtab.read("/svc/orders => /svc/rest");
    using rest = new FollowedVar(interpreter.bind(local, Path.read("/svc/orders/more")));
    await eventually("the caller's lies over both", () => showState(rest.state) === "/$/inet/127.0.0.1/1003@/more");
  });

  test(`${title} moves a name with its dtab, and never unbinds it meanwhile`, async () => {
    await using scene = await open(to(1001));
    await scene.open();
    await scene.becomes(bound(1001));
    for (const port of [1002, 1003, 1004]) {
      await scene.fixture.write(to(port));
      await scene.becomes(bound(port));
    }
    const shown = scene.name.states.map(showState).filter((state) => state !== "pending");
    assert.deepEqual([...new Set(shown)], [1001, 1002, 1003, 1004].map(bound));
  });

  test(`${title} explains a name with the place of each rule`, async () => {
    await using scene = await open(`/x => /y ;\n${to(1001)}`);
    const interpreter = await scene.open("/svc/mine => /$/inet/127.0.0.1/1002");
    using explained = new FollowedVar<Delegation>(interpreter.delegate(Dtab.empty, name));
    const settled = await eventually("the explanation", () => {
      const { value } = explained;
      return value?.outcome.tag === "ok" && value;
    });
    assert.equal(showState(settled.outcome), bound(1001));
    assert.match(placesIn(settled.root).join(), place);
  });

  if (removed !== "believed") return;
  test(`${title} has an empty dtab where there is none yet, and binds when there is`, async () => {
    await using scene = await open();
    await scene.open("/svc/mine => /$/inet/127.0.0.1/1002");
    await scene.becomes("~");
    await scene.fixture.write(to(1001));
    await scene.becomes(bound(1001));
  });
}

function emptied(title: string, open: Open): void {
  test(`${title} holds an emptied dtab back until it was looked at twice`, async () => {
    await using scene = await open(to(1001));
    await scene.open();
    await scene.becomes(bound(1001));
    await scene.fixture.write("");
    await eventually("held", () => scene.name.isHeld && scene.shown === bound(1001));
    await scene.fixture.write(to(1002));
    await scene.isWell(bound(1002));
    await scene.fixture.write("# nothing");
    await eventually("held again", () => scene.name.isHeld && scene.shown === bound(1002));
    await scene.isWell("~");
    assert.equal(scene.log.lines.filter(({ event }) => event === "guard.held").length, 2);
  });
}

function removal(title: string, open: Open, isBelieved: boolean): void {
  test(`${title} ${isBelieved ? "holds back" : "outlives"} that its dtab is taken away`, async () => {
    await using scene = await open(to(1001));
    await scene.open();
    await scene.becomes(bound(1001));
    await scene.fixture.remove?.();
    const isTold = (): boolean => (isBelieved ? scene.name.isHeld : scene.name.isStale);
    await eventually("it is told", isTold);
    assert.equal(scene.shown, bound(1001));
    if (isBelieved) await scene.isWell("~");
    else await quietFor(2 * HOLD_MS);
    if (!isBelieved) assert.equal(scene.shown, bound(1001));
    await scene.fixture.write(to(1002));
    await scene.isWell(bound(1002));
  });
}

function mistakes(title: string, open: Open, healsWithinMs?: number): void {
  test(`${title} keeps the last good dtab over a broken one, says once where and why, and heals`, async () => {
    await using scene = await open(to(1001));
    await scene.open();
    await scene.becomes(bound(1001));
    const place = (await scene.fixture.spoil?.()) ?? "";
    await eventually("it is stale", () => scene.name.isStale);
    assert.equal(scene.shown, bound(1001));
    using fresh = new FollowedVar(scene.interpreter.bind(Dtab.empty, Path.read("/svc/users/new")));
    await eventually("new names bind by it too", () => showState(fresh.state) === "/$/inet/127.0.0.1/1001@/new");
    const [view] = scene.interpreter.watches?.() ?? [];
    assert.equal(view?.state, "stale");
    const { cause = "" } = view;
    assert.ok(cause.startsWith(`${place}: `), `${cause} begins with ${place}`);
    assert.match(cause, /expected but/);
    await eventually("its age is in the metrics", () => scene.metric("linkspan_dtab_stale_seconds") > 0);
    assert.equal(scene.metric("linkspan_dtab_dentries"), 1);
    const told = scene.log.told("dtab.stale");
    assert.deepEqual(
      told.map(({ level, fields }) => [level, fields["cause"]]),
      [["warn", cause]],
    );
    await scene.fixture.write(to(1002));
    await scene.isWell(bound(1002), healsWithinMs);
    assert.equal(scene.log.told("dtab.recovered").length, 1);
  });
}

function outages(title: string, make: Make, open: Open, healsWithinMs?: number): void {
  test(`${title} keeps the last good dtab over an outage, and takes what changed meanwhile`, async () => {
    await using scene = await open(to(1001));
    await scene.open();
    await scene.becomes(bound(1001));
    await scene.fixture.down();
    await eventually("it is stale", () => scene.interpreter.watches?.().some(({ state }) => state === "stale"), 15_000);
    assert.equal(scene.shown, bound(1001));
    await scene.fixture.write(to(1002));
    await scene.fixture.up();
    await scene.isWell(bound(1002), healsWithinMs);
  });

  test(`${title} fails where its dtab was never known, and heals`, async () => {
    await using scene = await open(to(1001), true);
    await scene.open();
    await eventually("it has failed", () => scene.name.state.tag === "failed", 15_000);
    await scene.fixture.up();
    await scene.isWell(bound(1001), healsWithinMs);
  });

  test(`${title} begins an outage with the dtab that was remembered`, async () => {
    const memory = new Memory();
    const of = newName();
    {
      await using before = new Scene(await make({ down: false, name: of }), memory);
      await before.fixture.write(to(1001));
      await before.open();
      await before.becomes(bound(1001));
    }
    const written = new Memory();
    written.load(
      [...memory.lines()].map((line) => line.trimEnd()),
      Date.now(),
    );
    await using scene = new Scene(await make({ down: true, name: of }), written);
    await scene.fixture.write(to(1002));
    await scene.open();
    await scene.becomes(bound(1001));
    assert.ok(scene.name.isStale);
    await scene.fixture.up();
    await scene.isWell(bound(1002), healsWithinMs);
  });
}

function endings(title: string, open: Open): void {
  test(`${title} leaves nothing behind`, async () => {
    const scene = await open(to(1001));
    await scene.open();
    await scene.becomes(bound(1001));
    await scene.close();
    await eventually("no connection is left", () => scene.fixture.connections() === 0);
    assert.equal(scene.clock.waiting, 0);
    assert.deepEqual(
      scene.log.lines.filter(({ event }) => event.endsWith(".stale")),
      [],
    );
    await scene[Symbol.asyncDispose]();
  });

  test(`${title} asks nobody before a name is bound, in a command`, async () => {
    await using scene = await open(to(1001));
    await scene.open("", "command");
    await quietFor(50);
    assert.equal(scene.fixture.connections(), 0);
    assert.deepEqual(scene.interpreter.watches?.(), []);
  });
}

function placesIn(step: Step): readonly string[] {
  const own = step.dentry?.place;
  return [...(own === undefined ? [] : [own]), ...childrenOf(step).flatMap(placesIn)];
}
