/** The whole playground: a router, a name or a request, a dtab; and what comes of them. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { ExplainQuestion } from "../../naming/explanation.ts";
import { Chosen } from "./chosen.tsx";
import { DtabEditor, goTo } from "./dtab-editor.tsx";
import { problemIn } from "./dtab-problem.ts";
import { ExplainedTree } from "./explained-tree.tsx";
import { type Asked, useExplanation } from "./use-explanation.ts";

interface RouterDtab {
  readonly label: string;
  readonly dstPrefix: string;
  readonly dtab: string;
}

interface Inputs {
  readonly router: string;
  readonly kind: "name" | "request";
  readonly name: string;
  readonly request: string;
  readonly dtab: string;
}

function useRouters(): readonly RouterDtab[] {
  const [routers, setRouters] = useState<readonly RouterDtab[]>([]);
  useEffect(() => {
    void fetch("api/dtabs")
      .then((response) => response.json() as Promise<{ readonly routers: readonly RouterDtab[] }>)
      .then(
        (data) => setRouters(data.routers),
        () => undefined,
      );
  }, []);
  return routers;
}

/** As Linkerd 1's links had it: `?router=LABEL#/svc/NAME`. */
function firstInputs(routers: readonly RouterDtab[]): Inputs {
  const wanted = new URLSearchParams(location.search).get("router");
  const router = routers.find(({ label }) => label === wanted) ?? routers[0];
  const name = decodeURIComponent(location.hash.slice(1)) || `${router?.dstPrefix ?? "/svc"}/`;
  const request = "GET http://users/";
  return { router: router?.label ?? "", kind: "name", name, request, dtab: router?.dtab ?? "" };
}

export function Playground() {
  const routers = useRouters();
  const [inputs, setInputs] = useState<Inputs>();
  useEffect(() => {
    if (routers.length > 0) setInputs((before) => before ?? firstInputs(routers));
  }, [routers]);
  return (
    <main>
      <header>
        <h1>dtab playground</h1>
        <a href="./">routers and names</a>
      </header>
      {inputs === undefined ? (
        <p>waiting for the routers</p>
      ) : (
        <Questions routers={routers} inputs={inputs} onInputs={setInputs} />
      )}
    </main>
  );
}

interface QuestionsProps {
  readonly routers: readonly RouterDtab[];
  readonly inputs: Inputs;
  readonly onInputs: (inputs: Inputs) => void;
}

function Questions({ routers, inputs, onInputs }: QuestionsProps) {
  const { router, kind, name, request, dtab } = inputs;
  const own = routers.find(({ label }) => label === router)?.dtab ?? "";
  const problem = problemIn(dtab);
  const area = useRef<HTMLTextAreaElement>(null);
  const isChanged = dtab !== own;
  const about: ExplainQuestion = { router, ...(kind === "name" ? { name } : { request }) };
  // Who types a path comes by its beginnings, which are no mistakes.
  const isNamed = kind === "name" ? !/^$|\/$/.test(name.trim()) : request.trim() !== "";
  const question = problem !== undefined || !isNamed ? undefined : isChanged ? { ...about, dtab } : about;
  const asked = useExplanation(question);
  useEffect(() => {
    const query = new URLSearchParams({ router });
    if (kind === "name") history.replaceState(undefined, "", `?${query}#${encodeURI(name)}`);
  }, [router, kind, name]);
  const goToLine = (line: number): void => {
    const lines = dtab.split("\n");
    const from = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
    goTo(area.current, from, from + (lines[line - 1]?.length ?? 0));
  };
  return (
    <>
      <Asking routers={routers} inputs={inputs} onInputs={onInputs} />
      <DtabEditor text={dtab} problem={problem} area={area} onText={(text) => onInputs({ ...inputs, dtab: text })} />
      {isChanged && (
        <p>
          This is not the dtab that the router runs with.{" "}
          <button type="button" onClick={() => onInputs({ ...inputs, dtab: own })}>
            back to the router's
          </button>
        </p>
      )}
      <Explained asked={asked} isMistaken={problem !== undefined} onRule={goToLine} />
    </>
  );
}

interface ExplainedProps {
  readonly asked: Asked;
  readonly isMistaken: boolean;
  readonly onRule: (line: number) => void;
}

function Explained({ asked: { answer, error, isWaiting }, isMistaken, onRule }: ExplainedProps) {
  const said = error ?? answer?.message ?? "type a name: here stands where its requests go, and why";
  const verdict = isMistaken ? "the dtab has a mistake: below is what was said before it" : said;
  return (
    <section aria-label="explanation" aria-busy={isWaiting}>
      <p class="verdict" role="status">
        {verdict}
      </p>
      {answer?.request && (
        <p>
          {answer.request.identifier} takes the request for <code>{answer.request.path}</code>
        </p>
      )}
      {answer && (
        <>
          <Chosen answer={answer} />
          <h2>steps</h2>
          <p class="hint">arrow keys walk the tree, Enter opens and closes, r shows the rule in the dtab above</p>
          <ExplainedTree key={answer.path} explanation={answer} now={answer.at} onRule={onRule} />
        </>
      )}
    </section>
  );
}

function Asking({ routers, inputs, onInputs }: QuestionsProps) {
  const { router, kind } = inputs;
  const choose = (label: string): void =>
    onInputs({ ...inputs, router: label, dtab: routers.find((each) => each.label === label)?.dtab ?? "" });
  return (
    <form class="asking" onSubmit={(event) => event.preventDefault()}>
      <div class="field">
        <label for="router">router</label>
        <select id="router" value={router} onChange={(event) => choose(event.currentTarget.value)}>
          {routers.map(({ label }) => (
            <option key={label}>{label}</option>
          ))}
        </select>
      </div>
      <fieldset>
        <legend>explain</legend>
        {(["name", "request"] as const).map((each) => (
          <label key={each}>
            <input
              type="radio"
              name="kind"
              checked={kind === each}
              onChange={() => onInputs({ ...inputs, kind: each })}
            />{" "}
            a {each}
          </label>
        ))}
      </fieldset>
      <Subject inputs={inputs} onInputs={onInputs} />
    </form>
  );
}

/** What is to be explained. */
function Subject({ inputs, onInputs }: Pick<QuestionsProps, "inputs" | "onInputs">) {
  const { kind, name, request } = inputs;
  if (kind === "name") {
    return (
      <div class="field wide">
        <label for="name">name, such as /svc/users, or a host</label>
        <input
          id="name"
          spellcheck={false}
          autocomplete="off"
          value={name}
          onInput={(event) => onInputs({ ...inputs, name: event.currentTarget.value })}
        />
      </div>
    );
  }
  return (
    <div class="field wide">
      <label for="request">request: method and URL, then a header field a line</label>
      <textarea
        id="request"
        rows={3}
        spellcheck={false}
        value={request}
        onInput={(event) => onInputs({ ...inputs, request: event.currentTarget.value })}
      />
    </div>
  );
}
