import { InterruptedError } from "./src/base/errors.ts";
import { run } from "./src/cli/app.ts";
import { processIo } from "./src/cli/process_io.ts";
import { ignoresHangUp } from "./src/platform/hang_up.ts";
import { shareArenas } from "./src/platform/memory.ts";
import { isLostConnection } from "./src/store/lost_connections.ts";

shareArenas();

const interruption = new AbortController();
/** Signals that do not interrupt, or mean something else to the command that runs. */
const taken = new Set<string>(ignoresHangUp() ? ["SIGHUP"] : []);

for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.addSignalListener(name, () => {
    if (taken.has(name)) return;
    // A terminal that is closed may say so twice.
    if (interruption.signal.aborted && name !== "SIGHUP") Deno.exit(130);
    interruption.abort(new InterruptedError(`Interrupted by ${name}`));
  });
}

// Deno 2.6 lets faults of dropped connections escape as rejections that no one can catch; they must not end a backup. Any other
// is a bug, which ends the run in good order.
addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  if (!isLostConnection(event.reason)) interruption.abort(event.reason);
});

Deno.exit(await run(Deno.args, processIo(interruption.signal, taken)));
