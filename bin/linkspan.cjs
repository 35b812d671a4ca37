#!/usr/bin/env -S node --max-semi-space-size=2
// Starts the compiled command line. Written so that Node 18 can read it and say what to do instead.
// Requests leave nothing behind that lives long: a young generation of 2 MB costs no time, and saves some 10 MB.
"use strict";
const major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
  process.stderr.write(
    `linkspan needs Node 24 or newer and found ${process.versions.node}.\n` +
      "This line works on any machine with npm:\n  npx -p node@26 -p linkspan linkspan\n",
  );
  process.exit(69);
}
// It has to be said before there are threads (docs/adr/0038-what-a-request-costs.md, 0047-memory-of-a-plain-daemon.md):
// - as much as is kept of thousands of names, and more, would pile up beside it before it is collected: a quarter may;
// - what has piled up is collected some seconds after it came, also when nothing more does;
// - what requests leave behind is so little that helper threads are woken, and waited for, in vain;
// - what compiling took is given back at once: what waits for a helper thread to do it piles up when load begins.
const flags = [
  "--heap-growing-percent=25",
  "--optimize-for-size",
  "--no-parallel-scavenge",
  "--no-maglev-destroy-on-background",
];
for (const flag of flags) {
  require("node:v8").setFlagsFromString(flag);
}
import("../dist/src/main.js").catch((error) => {
  process.stderr.write(`${error?.stack ?? error}\n`);
  process.exit(1);
});
