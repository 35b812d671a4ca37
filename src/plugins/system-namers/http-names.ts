/** `/$/io.buoyant.http.*`: takes methods and hosts in paths apart, or away. */
import { Path } from "linkspan/plugin";
import { behindPrefix, rewriting, type Rule } from "./rewriting.ts";

const METHOD = /^[A-Z]+$/;
const HOST = /^[A-Za-z0-9.:_-]+$/;

const without =
  (pattern: RegExp): Rule =>
  (path) =>
    pattern.test(path.elems[0] ?? "") ? path.drop(1) : undefined;

/** `a.b/x.y.a.b/rest` is `x.y/rest`: what stands before a domain, as one element. A port is no part of a host. */
const subdomainOf: Rule = (path) => subdomain(path.elems[0], path.elems[1], path.drop(2));

const subdomainOfPfx: Rule = (path) => {
  const rest = subdomain(path.elems[0], path.elems[2], path.drop(3));
  return rest && Path.of(path.elems[1] ?? "").concat(rest);
};

function subdomain(domain = "", host = "", rest: Path): Path | undefined {
  if (!HOST.test(domain) || !HOST.test(host)) return undefined;
  const colon = host.indexOf(":");
  const name = colon > 0 ? host.slice(0, colon) : host;
  const sub = name.endsWith(`.${domain}`) ? name.slice(0, -domain.length - 1) : "";
  return sub === "" ? undefined : Path.of(sub).concat(rest);
}

/** `foo.buoyant.io/rest` is `io/buoyant/foo/rest`. A port stays with the last label. */
const domainToPath: Rule = (path) => {
  const [host = ""] = path.elems;
  const labels = host.split(".").reverse();
  return HOST.test(host) && !labels.includes("") ? Path.from(labels).concat(path.drop(1)) : undefined;
};

export default [
  rewriting("io.buoyant.http.anyMethod", without(METHOD)),
  rewriting("io.buoyant.http.anyMethodPfx", behindPrefix(without(METHOD))),
  rewriting("io.buoyant.http.anyHost", without(HOST)),
  rewriting("io.buoyant.http.anyHostPfx", behindPrefix(without(HOST))),
  rewriting("io.buoyant.http.subdomainOf", subdomainOf),
  rewriting("io.buoyant.http.subdomainOfPfx", subdomainOfPfx),
  rewriting("io.buoyant.http.domainToPath", domainToPath),
  rewriting("io.buoyant.http.domainToPathPfx", behindPrefix(domainToPath)),
];
