import { run } from "../../src/cli/app.ts";
import { processIo } from "../../src/cli/process_io.ts";

// Runs the program in a working directory that is removed first.

const directory = Deno.makeTempDirSync();
Deno.chdir(directory);
Deno.removeSync(directory);
Deno.exit(await run(Deno.args, processIo(new AbortController().signal)));
