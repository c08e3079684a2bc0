import type { Refuse } from "./refusal.ts";
import type { S3Settings } from "./schema_s3.ts";
import { Secret } from "./secret.ts";

/** Reads a file that holds a secret. */
export type SecretReader = (path: string) => string;

/** The access key, given or in files. Throws what `refuse` makes. */
export function s3Keys(s3: S3Settings, readFile: SecretReader | undefined, refuse: Refuse) {
  const files = { access_key_id: s3.access_key_id_file, secret_access_key: s3.secret_access_key_file };
  const read = (key: keyof typeof files) => {
    const path = files[key];
    if (path === undefined) return undefined;
    if (s3[key] !== undefined) throw refuse(`s3.${key} is given, and s3.${key}_file as well; leave one out`);
    return readFile === undefined ? undefined : readKey(key, path, readFile, refuse);
  };
  const accessKeyId = read("access_key_id")?.reveal() ?? s3.access_key_id;
  const secretAccessKey = read("secret_access_key") ?? s3.secret_access_key;
  const isHalf = (accessKeyId === undefined) !== (secretAccessKey === undefined);
  if (isHalf) {
    const missing = accessKeyId === undefined ? "access_key_id" : "secret_access_key";
    throw refuse(`s3.${missing} is missing; needed is the other half`);
  }
  const keyFiles = Object.values(files).filter((file) => file !== undefined);
  return { accessKeyId, secretAccessKey, keyFiles };
}

function readKey(key: string, path: string, readFile: SecretReader, refuse: Refuse): Secret {
  let text: string;
  try {
    text = readFile(path).trim();
  } catch (cause) {
    const state = cause instanceof Error ? cause.message : String(cause);
    throw refuse(`s3.${key}_file "${path}" cannot be read: ${state}`, { cause });
  }
  if (text !== "") return new Secret(text);
  throw refuse(`s3.${key}_file "${path}" is empty; needed is the key, on a line`);
}
