import { normalizePath } from "../model/path.ts";
import { type Backend, decoded, encoded } from "./backend.ts";
import { openFileStore } from "./file.ts";

/** A directory of this machine. */
export const fileBackend: Backend<"file", { readonly path: string }> = {
  kind: "file",
  form: "file:///absolute/path",
  rule: "",
  title: "a directory",
  connections: 2,

  parse(rest) {
    const path = rest.startsWith("/") ? decoded(rest) : undefined;
    if (path === undefined || path.includes("\0") || normalizePath(path) === "/") return undefined;
    return { path: normalizePath(path) };
  },
  address: ({ path }) => `file://${encoded(path)}`,
  directory: ({ path }) => path,
  open: ({ path }, options) => openFileStore(path, options),
};
