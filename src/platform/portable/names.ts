// Names of users and groups from files, and on macOS, which has most of them elsewhere, from a program.

let passwd: ReadonlyMap<number, string> | undefined;
let group: ReadonlyMap<number, string> | undefined;

export function portableUserName(id: number): string | undefined {
  passwd ??= namesIn("/etc/passwd");
  return passwd.get(id) ?? directoryName("/Users", "UniqueID", id);
}

export function portableGroupName(id: number): string | undefined {
  group ??= namesIn("/etc/group");
  return group.get(id) ?? directoryName("/Groups", "PrimaryGroupID", id);
}

/** Lines `name:password:id:…`; none where the file cannot be read. */
function namesIn(path: string): ReadonlyMap<number, string> {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch {
    return new Map();
  }
  const lines = text.split("\n").filter((line) => !line.startsWith("#")).map((line) => line.split(":"));
  const names = new Map<number, string>();
  for (const [name, , id] of lines.reverse()) {
    if (name !== undefined && id !== undefined) names.set(Number(id), name);
  }
  return names;
}

/** Directory Services of macOS. */
function directoryName(folder: string, key: string, id: number): string | undefined {
  if (Deno.build.os !== "darwin") return undefined;
  const args = [".", "-search", folder, key, String(id)];
  try {
    const { stdout, success } = new Deno.Command("dscl", { args, stdin: "null", stderr: "null" })
      .outputSync();
    return success ? new TextDecoder().decode(stdout).split(/\s/, 1)[0] || undefined : undefined;
  } catch {
    return undefined;
  }
}
