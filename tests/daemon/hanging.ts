import { endProcess, endUnlessCalledWithin } from "../../src/platform/end_process.ts";

// A process with a thread that does not end by itself; its event loop never turns again, or it is asked to end, or it lives.

const busy =
  "const cell = new Int32Array(new SharedArrayBuffer(4)); postMessage(0); Atomics.wait(cell, 0, 0);";
const worker = new Worker(`data:text/javascript,${encodeURIComponent(busy)}`, { type: "module" });
worker.onmessage = () => {
  if (Deno.args[0] === "is asked to end") endProcess(1);
  endUnlessCalledWithin(1);
  console.log("watched");
  if (Deno.args[0] === "stands still") { for (;;); }
  setInterval(() => endUnlessCalledWithin(1), 50);
};
