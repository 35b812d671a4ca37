/** A certificate authority of a test's own, made with the openssl command. */
import { execFileSync } from "node:child_process";
import { copyFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TempFolder, tempFolder } from "../e2e/temp-folder.ts";

export interface CertificateOptions {
  readonly commonName: string;
  /** As openssl writes them: `DNS:users.example`, `URI:spiffe://a/b`. */
  readonly names?: readonly string[];
  /** As openssl writes them: `20200101000000Z`. */
  readonly from?: string;
  readonly to?: string;
  /** More of the subject, in front of the common name: `/O=Users Inc`. */
  readonly subject?: string;
}

/** Files of one identity. */
export interface Issued {
  readonly certPath: string;
  readonly keyPath: string;
}

export interface Authority extends Disposable {
  readonly folder: TempFolder;
  /** The root's certificate. */
  readonly caPath: string;
  /** Writes `name.crt` and `name.key`, over what is there. */
  issue(name: string, options: CertificateOptions): Issued;
}

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

function openssl(folder: string, args: readonly string[]): void {
  execFileSync("openssl", args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
}

export function authority(name = "Test Root"): Authority {
  const folder = tempFolder();
  const root = ["req", "-x509", ...NEW_KEY, "-keyout", "ca.key", "-out", "ca.crt", "-days", "30"];
  openssl(folder.path, [...root, "-subj", `/CN=${name}`, "-addext", "keyUsage=critical,keyCertSign,cRLSign"]);
  writeFileSync(join(folder.path, "index.txt"), "");
  writeFileSync(join(folder.path, "serial"), "1000\n");
  writeFileSync(join(folder.path, "ca.cnf"), caSettings);
  return {
    folder,
    caPath: join(folder.path, "ca.crt"),
    issue: (file, options) => issue(folder.path, file, options),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

function issue(folder: string, name: string, options: CertificateOptions): Issued {
  const { commonName, names = [`DNS:${commonName}`], from, to, subject = "" } = options;
  openssl(folder, [
    "req",
    ...NEW_KEY,
    "-keyout",
    `${name}.new.key`,
    "-out",
    "new.csr",
    "-subj",
    `${subject}/CN=${commonName}`,
  ]);
  writeFileSync(join(folder, "new.ext"), `subjectAltName=${names.join(",")}\nbasicConstraints=CA:FALSE\n`);
  const period = [
    ...(from === undefined ? [] : ["-startdate", from]),
    ...(to === undefined ? ["-days", "20"] : ["-enddate", to]),
  ];
  const signing = ["ca", "-batch", "-notext", "-config", "ca.cnf", "-in", "new.csr", "-out", `${name}.new.crt`];
  openssl(folder, [...signing, "-extfile", "new.ext", ...period]);
  const issued = { certPath: join(folder, `${name}.crt`), keyPath: join(folder, `${name}.key`) };
  renameSync(join(folder, `${name}.new.key`), issued.keyPath);
  renameSync(join(folder, `${name}.new.crt`), issued.certPath);
  return issued;
}

/** Puts an identity where another is read from. */
export function replace(old: Issued, by: Issued): void {
  copyFileSync(by.keyPath, old.keyPath);
  copyFileSync(by.certPath, old.certPath);
}

const caSettings = `
[ca]
default_ca = root
[root]
dir = .
database = index.txt
serial = serial
new_certs_dir = .
certificate = ca.crt
private_key = ca.key
default_md = sha256
unique_subject = no
policy = anything
[anything]
organizationName = optional
commonName = supplied
`;
