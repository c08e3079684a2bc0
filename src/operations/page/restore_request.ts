import * as v from "valibot";
import { UsageError } from "../../base/errors.ts";
import { isHostId } from "../../model/host_id.ts";
import { isSnapshotId } from "../../model/names.ts";
import { normalizePath, type Path } from "../../model/path.ts";

/** What the page wants to have restored. */
export interface RestoreRequest {
  readonly host: string;
  readonly id: string;
  readonly path: Path;
  /** A directory of this machine. */
  readonly target: string;
}

const PATH_MAX = 32_768;

const Schema = v.object({
  host: v.pipe(v.string(), v.check(isHostId)),
  id: v.pipe(v.string(), v.check(isSnapshotId)),
  /** Bytes in base64: names need not be text. */
  path: v.pipe(v.string(), v.maxLength(PATH_MAX), v.base64()),
  target: v.pipe(v.string(), v.startsWith("/"), v.maxLength(PATH_MAX)),
});

/** Throws `UsageError`. */
export function parseRestoreRequest(bytes: Uint8Array): RestoreRequest {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new UsageError("Cannot restore: the request is malformed", { cause });
  }
  const { success, output } = v.safeParse(Schema, json);
  if (!success) {
    throw new UsageError(
      "Cannot restore: the directory must be an absolute path, as in /mnt/restored",
    );
  }
  return { ...output, path: normalizePath(atob(output.path)) };
}
