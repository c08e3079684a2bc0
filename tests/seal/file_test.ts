import assert from "node:assert/strict";
import { Decrypter, Encrypter } from "age-encryption";
import { atLeast } from "../../src/base/at_least.ts";
import { concatBytes } from "../../src/base/bytes.ts";
import { CorruptionError, UsageError } from "../../src/base/errors.ts";
import { HeaderOpener, newHeader } from "../../src/seal/age.ts";
import { headerLength } from "../../src/seal/header.ts";
import { openFile, sealFile } from "../../src/seal/file.ts";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { randomBytes } from "../chunk/random.ts";
import { ageDecrypt, ageEncrypt, agePath, whyWithoutAge } from "./age_program.ts";

const SIZES = [0, 1, 65_535, 65_536, 65_537, 131_072, 300_000];
const KINDS = [["X25519", false], ["post-quantum", true]] as const;

for (const [kind, postQuantum] of KINDS) {
  const [own, second, stranger] = atLeast(
    3,
    await Promise.all(
      [1, 2, 3].map(() => generateKeyPair({ postQuantum })),
    ),
  );
  const opener = new HeaderOpener([own.identity]);

  Deno.test(`openFile() opens what sealFile() made for ${kind} keys`, async () => {
    for (const size of SIZES) {
      const plain = randomBytes(size, size);
      assert.deepEqual(await openFile(await sealFile(plain, [own.recipient]), opener), plain);
    }
  });

  Deno.test(`age-encryption opens what sealFile() made for ${kind} keys`, async () => {
    const decrypter = new Decrypter();
    decrypter.addIdentity(own.identity);
    for (const size of SIZES) {
      const plain = randomBytes(size, size);
      assert.deepEqual(await decrypter.decrypt(await sealFile(plain, [own.recipient])), plain);
    }
  });

  Deno.test(`openFile() opens what age-encryption made for ${kind} keys`, async () => {
    const encrypter = new Encrypter();
    encrypter.addRecipient(own.recipient);
    for (const size of SIZES) {
      const plain = randomBytes(size, size);
      assert.deepEqual(await openFile(await encrypter.encrypt(plain), opener), plain);
    }
  });

  Deno.test({
    name: `the age program opens what sealFile() made for ${kind} keys${whyWithoutAge}`,
    ignore: agePath === undefined,
    async fn() {
      for (const size of SIZES) {
        const plain = randomBytes(size, size);
        assert.deepEqual(await ageDecrypt(await sealFile(plain, [own.recipient]), own.identity), plain);
      }
    },
  });

  Deno.test({
    name: `openFile() opens what the age program made for ${kind} keys${whyWithoutAge}`,
    ignore: agePath === undefined,
    async fn() {
      for (const size of SIZES) {
        const plain = randomBytes(size, size);
        assert.deepEqual(await openFile(await ageEncrypt(plain, own.recipient), opener), plain);
      }
    },
  });

  Deno.test(`sealFile() for several ${kind} keys makes a file that each of them opens`, async () => {
    const plain = randomBytes(1, 1000);
    const file = await sealFile(plain, [own.recipient, second.recipient]);
    for (const { identity } of [own, second]) {
      assert.deepEqual(await openFile(file, new HeaderOpener([stranger.identity, identity])), plain);
    }
  });

  Deno.test(`openFile() tells another ${kind} key from damage`, async () => {
    const file = await sealFile(randomBytes(1, 10), [own.recipient]);
    await assert.rejects(openFile(file, new HeaderOpener([stranger.identity])), UsageError);
  });
}

const { identity, recipient } = await generateKeyPair({ postQuantum: false });
const opener = new HeaderOpener([identity]);

Deno.test("sealFile() makes another file of the same bytes each time", async () => {
  const plain = randomBytes(1, 100);
  const [one, other] = [await sealFile(plain, [recipient]), await sealFile(plain, [recipient])];
  assert.notDeepEqual(one, other);
  assert.notDeepEqual(one.subarray(-116), other.subarray(-116));
});

Deno.test("openFile() refuses a file that is cut short anywhere", async () => {
  const file = await sealFile(randomBytes(1, 30), [recipient]);
  for (let length = 0; length < file.length; length++) {
    await assert.rejects(openFile(file.subarray(0, length), opener), CorruptionError, `${length} bytes`);
  }
});

Deno.test("openFile() refuses a file of which any byte is changed", async () => {
  const file = await sealFile(randomBytes(1, 30), [recipient]);
  for (let at = 0; at < file.length; at++) {
    // A change in the stanza may look like another recipient's; it is never opened.
    await assert.rejects(
      openFile(file.with(at, file[at]! ^ 1), opener),
      (error) => error instanceof CorruptionError || error instanceof UsageError,
      `byte ${at}`,
    );
  }
});

Deno.test("headerLength() finds the end of a header of any number of recipients, and nothing in less of it", async () => {
  for (const count of [1, 3, 20]) {
    const { bytes } = await newHeader(Array(count).fill(recipient));
    const file = concatBytes([bytes, randomBytes(1, 50)]);
    assert.equal(headerLength(file), bytes.length);
    for (let length = 0; length < bytes.length; length++) {
      assert.equal(headerLength(file.subarray(0, length)), undefined, `${length} of ${bytes.length}`);
    }
  }
});
