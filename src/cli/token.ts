import { randomBytes } from "node:crypto";

const TOKEN_BYTES = 18;

/** The secret part of an address on this machine: who has it can read what the identity can. */
export function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString("base64url");
}
