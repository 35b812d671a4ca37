import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { payloadPlan } from "../../../src/bridge/payload-maker.ts";
import { instanceAt } from "../../fakes/mirror-scene.ts";

const SPRING = "org.springframework.cloud.zookeeper.discovery.ZookeeperInstance";
const spring = (id: string): unknown => ({ "@class": SPRING, id, name: "users", metadata: { instance_status: "UP" } });
const sibling = instanceAt(7, { id: "legacy-7", payload: spring("legacy-7") });
const dubbo = instanceAt(8, { id: "legacy-8", payload: { "@class": "org.apache.dubbo.ZookeeperInstance" } });

function madeFor(plan: ReturnType<typeof payloadPlan>): unknown {
  assert.ok("payloadOf" in plan);
  return plan.payloadOf(instanceAt(1));
}

describe("the payload of entries", () => {
  it("is none where none is wanted, whatever siblings have", () => {
    assert.equal(madeFor(payloadPlan({ kind: "none" }, "users", [sibling], [])), undefined);
  });

  it("is a sibling's, with the instance's own id", () => {
    assert.deepEqual(madeFor(payloadPlan({ kind: "sibling" }, "users", [sibling], [])), spring("i-1"));
  });

  it("is that of the mirror's own entries when the last sibling is gone", () => {
    const own = instanceAt(2, { payload: spring("i-2") });
    assert.deepEqual(madeFor(payloadPlan({ kind: "sibling" }, "users", [], [own])), spring("i-1"));
  });

  it("is none where siblings have none", () => {
    assert.equal(madeFor(payloadPlan({ kind: "sibling" }, "users", [instanceAt(7)], [])), undefined);
  });

  it("is the template, with the instance's values in it", () => {
    const template = { "@class": SPRING, id: "{id}", url: "http://{host}:{port}/{name}", tags: ["{other}"] };
    assert.deepEqual(madeFor(payloadPlan({ kind: "template", template }, "users", [sibling], [])), {
      "@class": SPRING,
      id: "i-1",
      url: "http://10.0.0.1:8080/users",
      tags: ["{other}"],
    });
  });

  it("is refused where live siblings have a class that the template has not", () => {
    for (const template of [{ "@class": SPRING }, { id: "{id}" }]) {
      assert.ok("refusal" in payloadPlan({ kind: "template", template }, "users", [dubbo], []));
    }
  });

  it("is refused where siblings are of more than one class", () => {
    assert.ok("refusal" in payloadPlan({ kind: "sibling" }, "users", [sibling, dubbo], []));
  });
});
