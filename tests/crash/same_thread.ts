import "../fixtures/same_thread.ts";

/** No one waits for a retry here. */
const HURRY = 200;
const { setTimeout: slowly } = globalThis;
Object.defineProperty(globalThis, "setTimeout", {
  value: (run: () => void, ms = 0) => slowly(run, ms / HURRY),
  configurable: true,
  writable: true,
});
