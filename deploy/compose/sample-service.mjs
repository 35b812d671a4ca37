// A service that answers with its own name and registers itself in ZooKeeper as an instance in Curator's format.
import { createServer } from "node:http";
import { hostname, networkInterfaces } from "node:os";
import zookeeper from "node-zookeeper-client";

const name = process.env.SERVICE ?? "users";
const port = Number(process.env.PORT ?? 8080);
const address = Object.values(networkInterfaces())
  .flat()
  .find((each) => !each.internal && each.family === "IPv4").address;
createServer((request, response) => response.end(`hello from ${name} on ${hostname()}\n`)).listen(port);

const id = `${name}-${hostname()}`;
const client = zookeeper.createClient(process.env.ZOOKEEPER ?? "zookeeper:2181");
const instance = {
  name,
  id,
  address,
  port,
  sslPort: null,
  payload: null,
  registrationTimeUTC: Date.now(),
  serviceType: "DYNAMIC",
  uriSpec: null,
};
client.once("connected", () => {
  client.mkdirp(`/services/${name}`, () => {
    client.create(
      `/services/${name}/${id}`,
      Buffer.from(JSON.stringify(instance)),
      zookeeper.CreateMode.EPHEMERAL,
      (error) => {
        if (error) throw error;
        console.log(`registered ${id} at ${address}:${port}`);
      },
    );
  });
});
client.connect();
process.once("SIGTERM", () => {
  client.close();
  process.exit(0);
});
