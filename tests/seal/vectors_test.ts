import assert from "node:assert/strict";
import * as vectors from "cctv-age";
import { inflateSync } from "node:zlib";
import { fromHex } from "../../src/base/bytes.ts";
import { sha256Hex } from "../../src/base/digest.ts";
import { CorruptionError, UsageError } from "../../src/base/errors.ts";
import { HeaderOpener } from "../../src/seal/age.ts";
import { openFile } from "../../src/seal/file.ts";

// The Community Cryptography Test Vectors of age (c2sp.org/CCTV/age): each is a head of `key: value` lines, an empty line, a file.

interface Vector {
  readonly expected: string;
  readonly payload: string | undefined;
  readonly identities: readonly string[];
  readonly isArmored: boolean;
  readonly hasPassphrase: boolean;
  readonly file: Uint8Array;
}

function parse(bytes: Uint8Array): Vector {
  const end = bytes.findIndex((byte, i) => byte === 0x0a && bytes[i + 1] === 0x0a);
  const lines = new TextDecoder().decode(bytes.subarray(0, end)).split("\n");
  const values = (key: string) =>
    lines.filter((line) => line.startsWith(`${key}: `)).map((line) => line.slice(key.length + 2));
  const body = bytes.subarray(end + 2);
  return {
    expected: values("expect")[0]!,
    payload: values("payload")[0],
    identities: values("identity"),
    isArmored: values("armored")[0] === "yes",
    hasPassphrase: values("passphrase").length > 0,
    file: values("compressed")[0] === "zlib" ? new Uint8Array(inflateSync(body)) : body,
  };
}

/** Our reader is given whole files for X25519 and hybrid keys, never armored ones or passphrases. */
const ours = Object.entries(vectors as unknown as Record<string, Uint8Array>)
  .map(([name, bytes]) => [name, parse(bytes)] as const)
  .filter(([, vector]) => !vector.isArmored && !vector.hasPassphrase && vector.identities.length > 0);

Deno.test("the vectors of age have those that we look for", () => {
  assert.ok(ours.length > 60, `${ours.length}`);
  for (const kind of ["x25519", "hybrid", "stream", "hmac", "stanza", "header"]) {
    assert.ok(ours.some(([name]) => name.startsWith(kind)), kind);
  }
});

for (const [name, vector] of ours) {
  const isRight = vector.expected === "success";
  Deno.test(`openFile() ${isRight ? "opens" : "refuses"} the vector of age called ${name}`, async () => {
    const opened = openFile(vector.file, new HeaderOpener(vector.identities));
    if (isRight) assert.equal(sha256Hex(await opened), sha256OfPayload(vector));
    else {
      await assert.rejects(
        opened,
        (error) => error instanceof CorruptionError || error instanceof UsageError,
      );
    }
  });
}

function sha256OfPayload({ payload }: Vector): string {
  assert.equal(fromHex(payload!).length, 32);
  return payload!;
}

Deno.test("openFile() calls a file for others a wrong key, as the vectors of age do", async () => {
  const others = ours.filter(([, vector]) => vector.expected === "no match");
  assert.ok(others.length >= 2);
  for (const [name, { file, identities }] of others) {
    await assert.rejects(openFile(file, new HeaderOpener(identities)), UsageError, name);
  }
});
