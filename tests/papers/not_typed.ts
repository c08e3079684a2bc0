/** Why a test does not type what a page shows. */
export type Reason =
  | "it is what is printed: printed_test.ts prints it"
  | "it is a figure"
  | "it is a query for Prometheus: printed_test.ts knows its metrics"
  | "it needs FUSE: mount_test.ts mounts, looks and unmounts"
  | "it asks for a passphrase at the terminal: tmux_test.ts types one";

/** Every line in a block of README and docs that is neither a part of a configuration nor typed by documents_test.ts, by how it begins. */
export const NOT_TYPED: readonly (readonly [page: string, beginning: string, reason: Reason])[] = [
  ["docs/browse.md", "vaultik mount /mnt", "it needs FUSE: mount_test.ts mounts, looks and unmounts"],
  ["docs/browse.md", "ls /mnt/hosts/", "it needs FUSE: mount_test.ts mounts, looks and unmounts"],
  ["docs/browse.md", "umount /mnt", "it needs FUSE: mount_test.ts mounts, looks and unmounts"],
  ["docs/databases.md", "INCOMPLETE: ", "it is what is printed: printed_test.ts prints it"],
  ["docs/databases.md", "  /databases/app.sql: ", "it is what is printed: printed_test.ts prints it"],
  ["docs/fleet.md", "VAULTIK WARNING - ", "it is what is printed: printed_test.ts prints it"],
  ["docs/how-it-works.md", "backup    roots", "it is a figure"],
  ["docs/how-it-works.md", "restore   manifest", "it is a figure"],
  ["docs/keys.md", "age -p key.txt", "it asks for a passphrase at the terminal: tmux_test.ts types one"],
  ["docs/notices.md", "time() - vaultik_", "it is a query for Prometheus: printed_test.ts knows its metrics"],
];
