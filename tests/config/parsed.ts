import assert from "node:assert/strict";
import { UsageError } from "../../src/base/errors.ts";
import { type Config, parseConfig } from "../../src/config/config.ts";
import { generateKeyPair } from "../../src/seal/keys.ts";

export const { identity, recipient } = await generateKeyPair({ postQuantum: false });

export const DEFAULTS = { hostname: "web1", indexPath: "/var/lib/vaultik/index.sqlite", cores: 2 };

export const BASE = {
  age_recipients: [recipient],
  snapshots: { home: { paths: ["/home"] } },
  storage_url: "file:///srv/backup",
};

export function parse(more: object, defaults = DEFAULTS): Config {
  return parseConfig({ ...BASE, ...more }, "c.yml", defaults);
}

export function refusal(value: unknown, defaults = DEFAULTS): string {
  try {
    parseConfig(value, "c.yml", defaults);
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    assert.doesNotMatch(error.message, /\n/);
    return error.message.replace("Cannot use configuration c.yml: ", "");
  }
  return assert.fail("nothing was refused");
}

export const HALF = { files: 0.5, bytes: 0.5 };
