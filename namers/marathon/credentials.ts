/** Who a Marathon namer says it is, from the environment as Linkerd 1 read it. */
import { type Environment, Secret } from "linkspan/plugin";

/** A service account of DC/OS, which logs in for a token. */
export interface ServiceAccount {
  /** The path of the endpoint, which is asked of Marathon's own host. */
  readonly loginPath: string;
  readonly uid: string;
  /** PEM. */
  readonly privateKey: Secret;
}

export interface Credentials {
  readonly account?: ServiceAccount;
  /** Base64 of `user:password`. */
  readonly basic?: Secret;
}

const ACCOUNT = "DCOS_SERVICE_ACCOUNT_CREDENTIAL";
const BASIC = "MARATHON_HTTP_AUTH_CREDENTIAL";

/** The account wins over user and password. Throws an Error that names the variable, and shows nothing of it. */
export function readCredentials(environment: Environment): Credentials {
  const account = environment[ACCOUNT];
  if (account !== undefined && account !== "") return { account: readAccount(account) };
  const basic = environment[BASIC];
  if (basic === undefined || basic === "") return {};
  // Base64 has no colon.
  return { basic: new Secret(basic.includes(":") ? Buffer.from(basic).toString("base64") : basic.trim()) };
}

function readAccount(text: string): ServiceAccount {
  const fields = fieldsOf(text);
  const field = (name: string): string => {
    const value = fields[name];
    if (typeof value !== "string" || value === "") throw new Error(`${ACCOUNT} has no ${name}`);
    return value;
  };
  if (field("scheme") !== "RS256") throw new Error(`the scheme in ${ACCOUNT} is not RS256`);
  const endpoint = field("login_endpoint");
  if (!URL.canParse(endpoint, "http://marathon")) throw new Error(`the login_endpoint in ${ACCOUNT} is not a URL`);
  const { pathname } = new URL(endpoint, "http://marathon");
  return { loginPath: pathname, uid: field("uid"), privateKey: new Secret(field("private_key")) };
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value === "object" && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    // What it is not would show what it is.
  }
  throw new Error(`${ACCOUNT} is not a JSON object`);
}
