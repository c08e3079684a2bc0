import { UsageError } from "../base/errors.ts";
import { normalizePath } from "../model/path.ts";
import { maskIdentities } from "../seal/keys.ts";
import type { RcloneLocation } from "../store/rclone.ts";
import { parseRclonePlace, RCLONE_URL } from "./rclone.ts";

export type StorageUrl =
  | { readonly kind: "file"; readonly path: string }
  | ({ readonly kind: "rclone" } & RcloneLocation)
  | { readonly kind: "s3"; readonly bucket: string; readonly prefix: string };

export const STORAGE_URLS = `file:///absolute/path, s3://BUCKET/PREFIX or ${RCLONE_URL}`;

/** Throws `UsageError`; `name` says in the message where the text comes from. */
export function parseStorageUrl(text: string, name: string): StorageUrl {
  const match = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/i.exec(text);
  if (match === null) {
    const hint = text.startsWith("/") ? `; for a directory write file://${text}` : "";
    throw refusal(name, text, `allowed is ${STORAGE_URLS}${hint}`);
  }
  const rest = match[2];
  switch (match[1].toLowerCase()) {
    case "file":
      return {
        kind: "file",
        path: filePath(rest, () => refusal(name, text, "allowed is file:///absolute/path")),
      };
    case "s3": {
      const slash = rest.indexOf("/");
      const bucket = slash < 0 ? rest : rest.slice(0, slash);
      if (!isBucket(bucket)) {
        throw refusal(name, text, "allowed is s3://BUCKET/PREFIX with the name of a bucket");
      }
      const prefix = cleanPrefix(slash < 0 ? "" : rest.slice(slash + 1));
      if (prefix === undefined) throw refusal(name, text, `a prefix consists of ${PREFIX_LETTERS}`);
      return { kind: "s3", bucket, prefix };
    }
    case "rclone": {
      const place = parseRclonePlace(rest);
      if (place !== undefined) return { kind: "rclone", ...place };
      throw refusal(name, text, `allowed is ${RCLONE_URL} with the name of a remote of rclone`);
    }
    default:
      throw refusal(name, text, `allowed is ${STORAGE_URLS}`);
  }
}

function refusal(name: string, text: string, state: string): UsageError {
  const value = maskIdentities(text).replace(/\/\/.*@/, "//***@");
  return new UsageError(`Cannot use ${name} ${JSON.stringify(value)}: ${state}`);
}

function filePath(text: string, refused: () => UsageError): string {
  if (!text.startsWith("/")) throw refused();
  let path: string;
  try {
    path = decodeURIComponent(text);
  } catch (cause) {
    throw new UsageError(`${refused().message} (a % is written %25)`, { cause });
  }
  if (path.includes("\0") || normalizePath(path) === "/") throw refused();
  return normalizePath(path);
}

export function isBucket(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$/.test(text);
}

export const PREFIX_LETTERS = "letters, digits and . _ : = + - between slashes";

/** Without slashes at its ends; `undefined` when a part is not a name that every store takes. */
export function cleanPrefix(text: string): string | undefined {
  const prefix = text.replace(/^\/+|\/+$/g, "");
  if (prefix === "") return "";
  const isSound = prefix.split("/").every((part) =>
    /^[A-Za-z0-9._:=+-]+$/.test(part) && !/^\.{1,2}$/.test(part)
  );
  return isSound ? prefix : undefined;
}
