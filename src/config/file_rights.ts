import { UsageError } from "../base/errors.ts";

const WRITABLE_BY_OTHERS = 0o022;

/** Whoever may write commands into the file runs them as the user who backs up. Throws `UsageError`. */
export async function checkWriters(path: string): Promise<void> {
  const { mode } = await Deno.stat(path);
  if (mode === null || (mode & WRITABLE_BY_OTHERS) === 0) return;
  throw new UsageError(
    `Cannot use configuration ${path}: it has commands, and others than its owner may write to it; do: chmod go-w ${path}`,
  );
}

const GROUP_AND_OTHERS = 0o077;

/** Whether others than its owner may read the file. */
export async function readableByOthers(path: string): Promise<string[]> {
  const { mode } = await Deno.stat(path);
  if (mode === null || (mode & GROUP_AND_OTHERS) === 0) return [];
  return [
    `${path} holds s3.secret_access_key and others than its owner have rights to it; do: chmod 600 ${path}`,
  ];
}
