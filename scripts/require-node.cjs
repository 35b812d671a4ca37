// Refuses a Node that cannot run TypeScript sources; written so that Node 18 can read it.
var major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
  process.stderr.write(
    "linkspan needs Node 24 or newer and found " +
      process.versions.node +
      ".\n" +
      "Run `npm ci` first: it installs Node 26 beside the other packages, where npm scripts find it.\n",
  );
  process.exit(69);
}
