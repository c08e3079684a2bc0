import type { Entry, Kind } from "./entry.ts";

// Entries for people and for programs.

const KIND_LETTERS: Record<Kind, string> = {
  file: "-",
  directory: "d",
  symlink: "l",
  fifo: "p",
  char_device: "c",
  block_device: "b",
};

/** `-rw-r--r--`, as `ls -l` writes it. */
export function modeText({ kind, mode }: Pick<Entry, "kind" | "mode">): string {
  const letters = [0o400, 0o200, 0o100, 0o40, 0o20, 0o10, 4, 2, 1]
    .map((bit, i) => (mode & bit) === 0 ? "-" : "rwx"[i % 3]);
  const special: [bit: number, at: number, set: string, bare: string][] = [
    [0o4000, 2, "s", "S"],
    [0o2000, 5, "s", "S"],
    [0o1000, 8, "t", "T"],
  ];
  for (const [bit, at, set, bare] of special) {
    if ((mode & bit) !== 0) letters[at] = letters[at] === "x" ? set : bare;
  }
  return KIND_LETTERS[kind] + letters.join("");
}

/** `2026-11-20 13:05:09`, in UTC. */
export function timeText(mtime: string): string {
  const time = dateOf(mtime);
  return time === undefined ? mtime : time.toISOString().slice(0, 19).replace("T", " ");
}

/** To the millisecond below; `undefined` for years with more than four digits. */
export function dateOf(mtime: string): Date | undefined {
  const ns = BigInt(mtime);
  const ms = ns / 1_000_000n - (ns % 1_000_000n < 0n ? 1n : 0n);
  const date = new Date(Number(ms));
  const year = date.getUTCFullYear();
  return year >= 0 && year <= 9999 ? date : undefined;
}

export function ownerText({ user, uid }: Pick<Entry, "user" | "uid">): string {
  return user ?? String(uid);
}

export function groupText({ group, gid }: Pick<Entry, "group" | "gid">): string {
  return group ?? String(gid);
}
