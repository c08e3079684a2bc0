import type { S3Client } from "@aws-sdk/client-s3";
import { UsageError } from "../base/errors.ts";
import type { Watch } from "./idle_limit.ts";
import type { S3Abilities } from "./s3_abilities.ts";
import { type Sdk, sendOptions } from "./s3_client.ts";
import { checkIsS3, codeOf, NotS3Error } from "./s3_errors.ts";
import type { CallOptions } from "./store.ts";

/** Pages without anything in them that a listing may have in a row. */
const MAX_EMPTY_PAGES = 1_000;

export interface ListedObject {
  readonly key: string;
  readonly size: number;
  readonly modified: Date;
  readonly storageClass?: string;
}

export interface ListedPage {
  readonly objects: readonly ListedObject[];
  /** Keys up to the delimiter, where one was given. */
  readonly folders: readonly string[];
}

interface Answer extends ListedPage {
  readonly isTruncated: boolean;
  /** Where the next page begins; `undefined` where the store does not say. */
  readonly token?: string;
}

interface Position {
  readonly token?: string;
  /** The greatest key so far: the first version of S3's listing goes on after it. */
  readonly last: string;
}

export interface ListTools {
  readonly sdk: Sdk;
  readonly bucket: string;
  readonly abilities: S3Abilities;
  call<T>(options: CallOptions, work: (watch: Watch, client: S3Client) => Promise<T>): Promise<T>;
}

/**
 * The pages of what is below `prefix`. Where a store does not know the second version of the listing, or answers the first whatever it is
 * asked, it is asked by the first. Throws where a listing would never end.
 */
export async function* listPages(
  tools: ListTools,
  prefix: string,
  delimiter: string | undefined,
  options: CallOptions,
): AsyncGenerator<ListedPage> {
  let at: Position = { last: "" };
  let before: Answer | undefined;
  for (let empty = 0;;) {
    const page = await onePage(tools, prefix, delimiter, at, options);
    yield withoutLast(page, at.last);
    if (!page.isTruncated) return;
    empty = isEmpty(page) ? empty + 1 : 0;
    if (empty > MAX_EMPTY_PAGES || isRepeated(page, before)) {
      throw new UsageError(`Cannot list "${prefix}": the store gives the same page again and again`);
    }
    if (page.token === undefined) tools.abilities.listing = "v1";
    at = { token: page.token, last: greatest(page, at.last) };
    before = page;
  }
}

async function onePage(
  tools: ListTools,
  prefix: string,
  delimiter: string | undefined,
  at: Position,
  options: CallOptions,
): Promise<Answer> {
  const { sdk, bucket, abilities } = tools;
  const input = { Bucket: bucket, Prefix: prefix, Delimiter: delimiter };
  if (abilities.listing === "v2") {
    try {
      const command = new sdk.ListObjectsV2Command({ ...input, ContinuationToken: at.token });
      return await tools.call(options, async (watch, client) => {
        const answer = await client.send(command, sendOptions(watch));
        return toAnswer(answer, answer.NextContinuationToken, prefix);
      });
    } catch (error) {
      if (!isUnknown(error)) throw error;
      abilities.listing = "v1";
    }
  }
  const command = new sdk.ListObjectsCommand({ ...input, Marker: at.last === "" ? undefined : at.last });
  try {
    return await tools.call(options, async (watch, client) => {
      const answer = await client.send(command, sendOptions(watch));
      return toAnswer(answer, answer.NextMarker, prefix);
    });
  } catch (error) {
    if (!isUnknown(error) || at.last !== "" || !abilities.doubt("listing")) throw error;
    return await onePage(tools, prefix, delimiter, at, options);
  }
}

/** Whether the store does not know the version of the listing by which it was asked. */
function isUnknown(error: unknown): boolean {
  return [400, 405, 501].includes(codeOf((error as Error).cause).status ?? 0);
}

interface RawAnswer {
  readonly IsTruncated?: boolean;
  readonly Contents?: readonly {
    readonly Key?: string;
    readonly Size?: number;
    readonly LastModified?: Date;
    readonly StorageClass?: string;
  }[];
  readonly CommonPrefixes?: readonly { readonly Prefix?: string }[];
}

/** Throws {@link NotS3Error} for what no S3 answers. */
function toAnswer(answer: RawAnswer, token: string | undefined, prefix: string): Answer {
  checkIsS3(answer.IsTruncated);
  const objects = (answer.Contents ?? []).map(({ Key, Size, LastModified, StorageClass }) => {
    if (!Key?.startsWith(prefix)) throw new NotS3Error("it lists what was not asked for");
    if (!Number.isSafeInteger(Size) || Size! < 0) throw new NotS3Error("it lists an object without a size");
    if (Number.isNaN(LastModified?.getTime() ?? NaN)) {
      throw new NotS3Error("it lists an object without a time");
    }
    const storageClass = StorageClass && { storageClass: StorageClass };
    return { key: Key, size: Size!, modified: LastModified!, ...storageClass };
  });
  const folders = (answer.CommonPrefixes ?? []).map(({ Prefix }) => {
    if (!Prefix?.startsWith(prefix)) throw new NotS3Error("it lists what was not asked for");
    return Prefix;
  });
  return { objects, folders, isTruncated: answer.IsTruncated!, token };
}

/** Some stores begin a page with what the one before ended with. */
function withoutLast({ objects, folders }: Answer, last: string): ListedPage {
  return {
    objects: objects.filter(({ key }) => key !== last),
    folders: folders.filter((folder) => folder !== last),
  };
}

function isEmpty({ objects, folders }: Answer): boolean {
  return objects.length === 0 && folders.length === 0;
}

function isRepeated(page: Answer, before: Answer | undefined): boolean {
  if (before === undefined) return false;
  if (page.token !== undefined && page.token === before.token) return true;
  return !isEmpty(page) && page.objects.at(0)?.key === before.objects.at(0)?.key &&
    page.folders.at(0) === before.folders.at(0);
}

function greatest({ objects, folders }: Answer, last: string): string {
  const ends = [objects.at(-1)?.key ?? "", folders.at(-1) ?? "", last];
  return ends.reduce((most, key) => key > most ? key : most);
}
