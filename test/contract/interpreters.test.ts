/** Every interpreter is held to the contract: on a file, and on fakes that speak the protocols of registries. */
import { interpreterContract } from "../fakes/interpreter-contract.ts";
import { configMapKey, consulKey, dtabFile, namerdNamespace } from "../fakes/interpreter-fixtures.ts";

interpreterContract("io.l5d.fs", dtabFile, { place: /^routes\.dtab:2$/, removed: "outage", canBeSpoiled: true });

interpreterContract("io.l5d.consul.interpreter", consulKey, {
  place: /^consul:namerd\/dtabs\/default:2$/,
  removed: "believed",
  canBeSpoiled: true,
});

interpreterContract("io.l5d.k8s.configMap", configMapKey, {
  place: /^configmap:mesh\/routes\/out\.dtab:2$/,
  removed: "believed",
  canBeSpoiled: true,
});

interpreterContract("io.l5d.namerd.http", namerdNamespace, {
  place: /^namerd:web$/,
  removed: "refused",
  canBeSpoiled: false,
});
