import assert from "node:assert/strict";

/**
 * Makes a host that backs up to the store of `directory` a tree of `files` files, each with its name in it, and lets `run` make its first
 * backup: the file of its configuration.
 */
export async function makeHost(
  directory: string,
  hostname: string,
  { recipient, files = 1, run }: {
    readonly recipient: string;
    readonly files?: number;
    readonly run: (argv: string[]) => Promise<{ readonly code: number; readonly stderr: string }>;
  },
): Promise<string> {
  const tree = `${directory}/${hostname}`;
  await Deno.mkdir(tree, { recursive: true });
  for (let i = 0; i < files; i++) await Deno.writeTextFile(`${tree}/${i}`, hostname);
  const config = {
    age_recipients: [recipient],
    index_path: `${directory}/${hostname}-state/index.sqlite`,
    hostname,
    snapshots: { home: { paths: [tree] } },
    storage_url: `file://${directory}/store`,
  };
  const file = `${directory}/${hostname}.yml`;
  await Deno.writeTextFile(file, JSON.stringify(config));
  const made = await run(["--config", file, "snapshot", "create"]);
  assert.equal(made.code, 0, made.stderr);
  return file;
}
