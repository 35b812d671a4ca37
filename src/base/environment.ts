/** The environment variables of a process, as those are given them who may read them. */

/** By name; frozen, and as they were when the process began to read its configuration. */
export type Environment = Readonly<Record<string, string | undefined>>;
