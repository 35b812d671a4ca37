/** Twitter's serversets as groups: each name is a node, an endpoint and perhaps a shard. */
import type { Groups } from "./group-namer.ts";
import { serversetJob } from "./serverset-job.ts";
import { type ServersetNode, serversetNodes, ServersetReader } from "./serverset-reader.ts";

export const serversets: Groups<ServersetNode> = {
  kind: serversetNodes,
  least: 0,
  placeOf(id) {
    const job = serversetJob(id);
    return job && { path: job.path, reader: new ServersetReader(job) };
  },
};
