/** The `age` program, 1.3 or later (post-quantum keys), in the PATH or among Go's programs; `undefined` where there is none. */
export const agePath = await findAge();

/** For the name of a test that needs the program. */
export const whyWithoutAge = agePath === undefined
  ? " (skipped: there is no age program of 1.3 or later)"
  : "";

async function findAge(): Promise<string | undefined> {
  const goPath = await run("go", ["env", "GOPATH"]);
  const places = ["age", ...(goPath === undefined ? [] : [`${goPath}/bin/age`])];
  for (const place of places) {
    const version = /^v?(\d+)\.(\d+)/.exec(await run(place, ["--version"]) ?? "");
    if (version !== null && (Number(version[1]) > 1 || Number(version[2]) >= 3)) return place;
  }
  return undefined;
}

async function run(program: string, args: string[]): Promise<string | undefined> {
  try {
    const { success, stdout } = await new Deno.Command(program, { args, stderr: "null" }).output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch {
    return undefined;
  }
}

/** What `age` prints for `file` and one identity. Throws what it says where it refuses. */
export async function ageDecrypt(file: Uint8Array, identity: string): Promise<Uint8Array> {
  return await withFiles({ file, identity: new TextEncoder().encode(identity + "\n") }, (paths) => {
    return new Deno.Command(agePath!, { args: ["-d", "-i", paths.identity, paths.file] });
  });
}

/** An age file for `recipient`, made by `age`. */
export async function ageEncrypt(plain: Uint8Array, recipient: string): Promise<Uint8Array> {
  return await withFiles({ plain }, (paths) => {
    return new Deno.Command(agePath!, { args: ["-r", recipient, paths.plain] });
  });
}

async function withFiles<Name extends string>(
  contents: Record<Name, Uint8Array>,
  command: (paths: Record<Name, string>) => Deno.Command,
): Promise<Uint8Array> {
  const directory = await Deno.makeTempDir({ prefix: "vaultik-age-" });
  try {
    const paths = {} as Record<Name, string>;
    for (const name of Object.keys(contents) as Name[]) {
      paths[name] = `${directory}/${name}`;
      await Deno.writeFile(paths[name], contents[name]);
    }
    const { success, stdout, stderr } = await command(paths).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    return stdout;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
