import process from "node:process";

let read: typeof import("node:fs") | undefined;

/** `node:fs`, read when it is first asked for: where there is a C library nothing asks, and reading it costs every start some milliseconds. */
export function fs(): typeof import("node:fs") {
  return read ??= process.getBuiltinModule("node:fs");
}
