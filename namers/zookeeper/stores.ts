/** The plugin that keeps shared documents in ZooKeeper. */
import { definePlugin, s } from "linkspan/plugin";
import { connection } from "./connection-schema.ts";
import { nodePath } from "./node-path.ts";

const { readOnly: _, ...reaching } = connection;

const schema = s.object({
  ...reaching,
  path: nodePath({ doc: "The node below which documents are.", default: "/linkspan" }),
});

export const zkStore = definePlugin({
  api: 1,
  family: "store",
  kind: "io.l5d.zk",
  schema,
  async create(config, context) {
    const [{ ZkDocuments }, { zkOptions }, { join }] = await Promise.all([
      import("./documents.ts"),
      import("./connection-options.ts"),
      import("./paths.ts"),
    ]);
    const options = zkOptions({ ...config, readOnly: false }, context.baseDir);
    return new ZkDocuments({ ...options, node: join(config.path, context.collection) }, context);
  },
});
