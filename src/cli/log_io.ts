import { EnvironmentError } from "../base/errors.ts";
import { logText } from "../report/log_text.ts";
import { errorText } from "./error_text.ts";
import type { Io } from "./io.ts";

/** As `io`, for a process that goes on when its log cannot be written: what is lost of stdout is dropped, which stderr says at first. */
export function logIo(io: Io): Io {
  let isLost = false;
  return {
    ...io,
    stdout(text) {
      try {
        io.stdout(text);
        isLost = false;
      } catch (error) {
        if (!(error instanceof EnvironmentError)) throw error;
        const text = errorText(error, { verbose: false }).trimEnd();
        if (!isLost) io.stderr(logText(io.log?.format ?? "text", "error", text, io.now()));
        isLost = true;
      }
    },
  };
}
