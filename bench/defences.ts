/** A defence, as text in the source that can be taken out, and the test that notices. */
export interface Defence {
  readonly what: string;
  readonly file: string;
  /** Is there exactly once. */
  readonly text: string;
  readonly becomes: string;
  readonly test: { readonly file: string; readonly filter?: string };
}

const operations = (name: string, filter?: string) => ({ file: `tests/operations/${name}_test.ts`, filter });

/** What `deno task mutations` takes out, one after the other. */
export const DEFENCES: readonly Defence[] = [
  {
    what: "the signature of a manifest is checked",
    file: "src/read/signed_manifest.ts",
    text: "if (!verifyBytes(text, signature, hostKey))",
    becomes: "if (false)",
    test: { file: "tests/read/signed_manifest_test.ts" },
  },
  {
    what: "a directory names the only key whose signatures count in it",
    file: "src/read/signed_manifest.ts",
    text: "if (hostIdOf(hostKey) !== host)",
    becomes: "if (false)",
    test: { file: "tests/read/sealed_snapshot_test.ts" },
  },
  {
    what: "a sealed snapshot is the one that its manifest signs",
    file: "src/read/snapshots.ts",
    text: "if (!isSame && sha256Hex(sealed) !== manifest.snapshot.sha256)",
    becomes: "if (false)",
    test: { file: "tests/read/sealed_snapshot_test.ts" },
  },
  {
    what: "a sealed snapshot repeats host, id and times of its manifest",
    file: "src/read/snapshots.ts",
    text: "if (snapshot[member] === manifest[member]) continue;",
    becomes: "continue;",
    test: { file: "tests/read/sealed_snapshot_test.ts" },
  },
  {
    what: "only trusted hosts count",
    file: "src/read/hosts.ts",
    text: "return trust === undefined || id === own ||",
    becomes: "return true || id === own ||",
    test: operations("trust"),
  },
  {
    what: "chunks are checked by their hash when they are restored",
    file: "src/read/blob_reader.ts",
    text: "if (isSame(place, checked) || isIdOf(place, bytes))",
    becomes: "if (true)",
    test: operations("forged", "wrong places"),
  },
  {
    what: "chunks are checked by their hash when they are looked into",
    file: "src/operations/browse/sealed_frame.ts",
    text: "if (isIdOf(chunk, frame.subarray(chunk.offset, chunk.offset + chunk.length))) return;",
    becomes: "return;",
    test: operations("browse/damaged"),
  },
  {
    what: "what is unpacked is bounded",
    file: "src/blob/zstd.ts",
    text: "maxOutputLength: limit, chunkSize }",
    becomes: "chunkSize }",
    test: { file: "tests/blob/zstd_test.ts" },
  },
  {
    what: "an object that is larger than it may be is refused before it is read",
    file: "src/store/read_checks.ts",
    text: "if (range !== undefined || length <= maxBytes) return;",
    becomes: "return;",
    test: { file: "tests/store/memory_test.ts" },
  },
  {
    what: "a path of a snapshot cannot climb out of the target",
    file: "src/operations/restore/open_directories.ts",
    text: ` && name !== ".." && `,
    becomes: " && ",
    test: operations("forged", "climb"),
  },
  {
    what: "a restore follows no link below its target (RESOLVE_BENEATH)",
    file: "src/platform/beneath.ts",
    text: "BigInt(RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS)",
    becomes: "0n",
    test: { file: "tests/platform/beneath_test.ts" },
  },
  {
    what: "a backup follows no link below its paths",
    file: "src/platform/no_links.ts",
    text: "new BigUint64Array([0n, 0n, BigInt(RESOLVE_NO_SYMLINKS)])",
    becomes: "new BigUint64Array([0n, 0n, 0n])",
    test: { file: "tests/scan/swap_test.ts" },
  },
  {
    what: "small blobs are padded",
    file: "src/write/blob_writer.ts",
    text: "if (padding > 0 && total <= lent.buffer.byteLength)",
    becomes: "if (false)",
    test: { file: "tests/write/blob_sizes_test.ts" },
  },
  {
    what: "a frame has files of one owner only",
    file: "src/write/blob_writer.ts",
    text: " ||\n      owner !== this.#owner;",
    becomes: ";",
    test: { file: "tests/write/blob_sizes_test.ts" },
  },
  {
    what: "where files are cut is secret",
    file: "src/chunk/gear.ts",
    text: "concatBytes([seed, Uint8Array.of(0)])",
    becomes: "new Uint8Array(SEED_BYTES + 1)",
    test: { file: "tests/chunk/gear_test.ts" },
  },
  {
    what: "names of a snapshot are sealed",
    file: "src/read/signed_manifest.ts",
    text: "return sealNames(encodeNames(names), namesKey, `${host} ${id}`);",
    becomes: "return encodeNames(names);",
    test: operations("no_names"),
  },
  {
    what: "objects are put create-only",
    file: "src/write/uploader.ts",
    text: "createOnly: true, ",
    becomes: "",
    test: operations("write_only"),
  },
  {
    what: "a source says when the store hides its newest snapshot",
    file: "src/read/resolve.ts",
    text: `if (word.kind === "latest" && ends.length === 0) warnOfMissing(host, listed, choice);`,
    becomes: "",
    test: { file: "tests/cli/what_is_lacking_test.ts", filter: "hides" },
  },
  {
    what: "a prune deletes nothing that a manifest names",
    file: "src/operations/prune/prune_plan.ts",
    text: "if (position >= 0) {",
    becomes: "if (position >= 0 && !due[kind].has(id)) {",
    test: operations("prune/prune_plan"),
  },
  {
    what: "the index is its owner's alone",
    file: "src/index/database.ts",
    text: "createNew: true, write: true, mode: PRIVATE_FILE }",
    becomes: "createNew: true, write: true, mode: 0o644 }",
    test: { file: "tests/index/database_test.ts" },
  },
  {
    what: "keys are written for their owner alone",
    file: "src/platform/durable_file.ts",
    text: "export const PRIVATE_FILE = 0o600;",
    becomes: "export const PRIVATE_FILE = 0o644;",
    test: { file: "tests/platform/durable_file_test.ts" },
  },
  {
    what: "a set of ids grows by text that is added",
    file: "src/base/id_set.ts",
    text: "  #write(hex: string): void {\n    if (this.#size * ID_BYTES === this.#ids.length) this.#grow();",
    becomes: "  #write(hex: string): void {",
    test: { file: "tests/base/id_set_test.ts" },
  },
  {
    what: "ids of blobs are forgotten with their numbers",
    file: "src/index/blobs.ts",
    text: "for (const number of numbers) this.#stored.delete(number);",
    becomes: "",
    test: { file: "tests/index/blobs_test.ts" },
  },
  {
    what: "the clock of a host counts up to 15 minutes from the store's",
    file: "src/model/retention.ts",
    text: "<= CLOCK_TOLERANCE_MS",
    becomes: "<= 0",
    test: { file: "tests/model/retention_test.ts" },
  },
  {
    what: "the clock of a host does not count beyond 15 minutes from the store's",
    file: "src/model/retention.ts",
    text: "CLOCK_TOLERANCE_MS = 15 * 60_000",
    becomes: "CLOCK_TOLERANCE_MS = 15 * 60_000 + 1",
    test: { file: "tests/model/retention_test.ts" },
  },
  {
    what: "only the owner reaches the daemon",
    file: "src/daemon/control.ts",
    text: "Deno.umask(0o177)",
    becomes: "Deno.umask(0)",
    test: { file: "tests/daemon/control_test.ts" },
  },
  {
    what: "what a store says does nothing to a terminal",
    file: "src/report/printable.ts",
    text: "return text.replace(",
    becomes: "return text; text.replace(",
    test: { file: "tests/report/text_test.ts" },
  },
];
