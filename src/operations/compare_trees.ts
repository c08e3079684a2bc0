import { join } from "node:path";
import { haveSameBytes } from "./same_bytes.ts";

export interface Comparison {
  /** What differs, in words; `undefined` where nothing does. */
  readonly difference: string | undefined;
  readonly compared: number;
}

/** Compares names, kinds, modes, owners, times (milliseconds), numbers of hard links, link targets and every byte. */
export async function firstDifference(one: string, other: string): Promise<Comparison> {
  const difference = await entryDifference(one, other);
  if (difference !== undefined) return { difference, compared: 0 };
  let compared = 1;
  if (!(await Deno.lstat(one)).isDirectory) return { difference, compared };
  const [names, otherNames] = await Promise.all([namesIn(one), namesIn(other)]);
  const odd = names.find((name) => !otherNames.includes(name)) ??
    otherNames.find((name) => !names.includes(name));
  if (odd !== undefined) return { difference: `${join(one, odd)} is in one tree only`, compared };
  for (const name of names) {
    const inner = await firstDifference(join(one, name), join(other, name));
    compared += inner.compared;
    if (inner.difference !== undefined) return { difference: inner.difference, compared };
  }
  return { difference: undefined, compared };
}

async function entryDifference(one: string, other: string): Promise<string | undefined> {
  const [info, otherInfo] = await Promise.all([Deno.lstat(one), Deno.lstat(other)]);
  const seen = (info: Deno.FileInfo) =>
    [info.mode, info.uid, info.gid, info.mtime?.getTime(), info.isFile ? info.nlink : 1].join(" ");
  if (seen(info) !== seen(otherInfo)) {
    return `${one}: mode, owner, time and links are ${seen(info)}, and ${seen(otherInfo)}`;
  }
  if (info.isSymlink) {
    const [target, otherTarget] = await Promise.all([Deno.readLink(one), Deno.readLink(other)]);
    return target === otherTarget ? undefined : `${one}: points to ${target}, and to ${otherTarget}`;
  }
  if (!info.isFile) return undefined;
  return await haveSameBytes(one, other) ? undefined : `${one}: contents`;
}

async function namesIn(directory: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(directory)) names.push(name);
  return names.sort();
}
