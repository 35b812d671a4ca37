/** The announcer io.l5d.k8s is held to the contract of announcers. */
import { announcerContract } from "../../src/testing/announcer-contract.ts";
import { kubernetesAnnouncerFixture } from "../fakes/kubernetes-announcer-fixture.ts";

announcerContract("io.l5d.k8s", kubernetesAnnouncerFixture, {
  // Objects stay when their writer is no more, and have no field for what else a registry may know of an instance.
  without: ["leases", "payload", "meta"],
});
