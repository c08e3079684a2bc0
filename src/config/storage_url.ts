import { atLeast } from "../base/at_least.ts";
import { UsageError } from "../base/errors.ts";
import { maskIdentities } from "../seal/mask_identities.ts";
import { type AddressedPlace, BACKENDS, findBackend } from "../store/backends.ts";

export type StorageUrl =
  | AddressedPlace
  | { readonly kind: "s3"; readonly bucket: string; readonly prefix: string };

const [FIRST, ...OTHERS] = BACKENDS.map(({ form }) => form);
export const STORAGE_URLS = [FIRST, "s3://BUCKET/PREFIX", ...OTHERS].join(", ").replace(
  /, ([^,]*)$/,
  " or $1",
);

/** Throws `UsageError`; `name` says in the message where the text comes from. */
export function parseStorageUrl(text: string, name: string): StorageUrl {
  const match = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/i.exec(text);
  if (match === null) {
    const hint = text.startsWith("/") ? `; for a directory write file://${text}` : "";
    throw refusal(name, text, `allowed is ${STORAGE_URLS}${hint}`);
  }
  const [, scheme, rest] = atLeast(3, match);
  const kind = scheme.toLowerCase();
  if (kind === "s3") return parseS3(rest, (state) => refusal(name, text, state));
  const backend = findBackend(kind);
  if (backend === undefined) throw refusal(name, text, `allowed is ${STORAGE_URLS}`);
  const place = backend.parse(rest);
  if (place !== undefined) return { ...place, kind: backend.kind } as AddressedPlace;
  const hint = rest.includes("%") ? " (a % is written %25)" : "";
  throw refusal(name, text, `allowed is ${[backend.form, backend.rule].join(" ").trim()}${hint}`);
}

function parseS3(rest: string, refused: (state: string) => UsageError): StorageUrl {
  const slash = rest.indexOf("/");
  const bucket = slash < 0 ? rest : rest.slice(0, slash);
  if (!isBucket(bucket)) throw refused("allowed is s3://BUCKET/PREFIX with the name of a bucket");
  const prefix = cleanPrefix(slash < 0 ? "" : rest.slice(slash + 1));
  if (prefix === undefined) throw refused(`a prefix consists of ${PREFIX_LETTERS}`);
  return { kind: "s3", bucket, prefix };
}

function refusal(name: string, text: string, state: string): UsageError {
  const value = maskIdentities(text).replace(/\/\/.*@/, "//***@");
  return new UsageError(`Cannot use ${name} ${JSON.stringify(value)}: ${state}`);
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
