/** `/$/com.twitter.finagle.namer.global`: looks the rest up as it stands, which must be under `/$/` again. */
import { Path } from "linkspan/plugin";
import { rewriting } from "./rewriting.ts";

const system = Path.of("$");

export default rewriting("com.twitter.finagle.namer.global", (path) => (path.startsWith(system) ? path : undefined));
