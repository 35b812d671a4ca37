/** ExecCredential, what Kubernetes and exec plugins tell each other (client.authentication.k8s.io/v1 and v1beta1). */
import { Secret } from "linkspan/plugin";
import { bearer } from "./access-credentials.ts";
import type { Credentials } from "./access-target.ts";
import type { KubeCluster } from "./kubeconfig.ts";

const VERSIONS = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];

export interface ExecAnswer {
  readonly credentials: Credentials;
  /** Epoch ms; where it says none they last until a 401. */
  readonly expiresAt: number | undefined;
}

/** Throws an Error where a plugin's version is not known. */
export function checkExecVersion(version: string): void {
  if (VERSIONS.includes(version)) return;
  throw new Error(`\`exec.apiVersion\` is ${version}; it must be one of ${VERSIONS.join(", ")}`);
}

/** The value of the variable `KUBERNETES_EXEC_INFO`. */
export function execInfo(apiVersion: string, cluster?: KubeCluster & { readonly caText: string | undefined }): string {
  const told = cluster === undefined ? {} : { cluster: clusterInfo(cluster) };
  return JSON.stringify({ apiVersion, kind: "ExecCredential", spec: { interactive: false, ...told } });
}

function clusterInfo(cluster: KubeCluster & { readonly caText: string | undefined }): object {
  const { server, serverName, disableValidation, caText, proxyUrl, execConfig } = cluster;
  return {
    server,
    ...(serverName === undefined ? {} : { "tls-server-name": serverName }),
    ...(disableValidation ? { "insecure-skip-tls-verify": true } : {}),
    ...(caText === undefined ? {} : { "certificate-authority-data": Buffer.from(caText).toString("base64") }),
    ...(proxyUrl === undefined ? {} : { "proxy-url": proxyUrl }),
    ...(execConfig === undefined ? {} : { config: execConfig }),
  };
}

/** Throws an Error that repeats nothing of the answer. */
export function readExecAnswer(text: string, apiVersion: string): ExecAnswer {
  const answer = parsed(text);
  if (answer["kind"] !== "ExecCredential") throw new Error("its answer is no ExecCredential");
  if (answer["apiVersion"] !== apiVersion) throw new Error(`its answer is not of version ${apiVersion}`);
  const status = mapping(answer["status"]);
  if (status === undefined) throw new Error("its answer has no `status`");
  const token = textOf(status, "token");
  const cert = textOf(status, "clientCertificateData");
  const key = textOf(status, "clientKeyData");
  if ((cert === undefined) !== (key === undefined)) throw new Error("its answer has half of a certificate and its key");
  if (token === undefined && cert === undefined) throw new Error("its answer has neither a token nor a certificate");
  return {
    credentials: {
      ...(token === undefined ? {} : { authorization: bearer(token) }),
      ...(cert === undefined || key === undefined ? {} : { certificate: { cert, key: new Secret(key) } }),
    },
    expiresAt: readTime(textOf(status, "expirationTimestamp")),
  };
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error("its answer is no JSON");
  }
  const answer = mapping(value);
  if (answer === undefined) throw new Error("its answer is no mapping");
  return answer;
}

function mapping(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const isMapping = typeof value === "object" && value !== null && !Array.isArray(value);
  return isMapping ? (value as Readonly<Record<string, unknown>>) : undefined;
}

function textOf(status: Readonly<Record<string, unknown>>, key: string): string | undefined {
  const value = status[key];
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value !== "string") throw new Error(`\`status.${key}\` of its answer is no text`);
  return value;
}

function readTime(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new Error("`status.expirationTimestamp` of its answer is no time");
  return time;
}
