import { EnvironmentError, UsageError } from "../../base/errors.ts";
import type { CommandSpec } from "../command.ts";
import { configFile, replaceConfig } from "../config_file.ts";
import type { Io } from "../io.ts";
import { writeNewFile } from "../new_file.ts";

export const configEdit: CommandSpec = {
  usage: "edit",
  summary: "Open the configuration in an editor; it is replaced only by what is sound",
  details:
    "The editor is $VISUAL, else $EDITOR, else vi. It works on a copy, which is kept where it is not sound.",
  example: "vaultik config edit",

  async run({ options, io }) {
    const { path, text } = await configFile(options, io);
    const copy = `${path}.edited.yml`;
    writeNewFile(copy, text, { replace: false });
    let isDone = false;
    try {
      isDone = await editUntilSound(path, text, copy, io);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw new UsageError(`${error.message}; what you wrote is in ${copy}`, { cause: error });
    }
    await Deno.remove(copy);
    io.stderr(isDone ? `Changed ${path}\n` : `${path} stays as it was\n`);
    return 0;
  },
};

async function editUntilSound(path: string, before: string, copy: string, io: Io): Promise<boolean> {
  for (;;) {
    await edit(copy, io);
    const text = await Deno.readTextFile(copy);
    if (text === before) return false;
    try {
      await replaceConfig(path, before, text, io);
      return true;
    } catch (error) {
      if (!(error instanceof UsageError) || io.ask === undefined) throw error;
      io.stderr(`${error.message}\n`);
      const answer = await io.ask("Edit it again? [Y/n] ");
      if (/^n/i.test(answer.trim()) || answer === "") throw error;
    }
  }
}

/** Editors may have arguments, so that a shell starts them. */
async function edit(file: string, io: Io): Promise<void> {
  const editor = io.env("VISUAL") ?? io.env("EDITOR") ?? "vi";
  const command = new Deno.Command("/bin/sh", {
    args: ["-c", `${editor} "$1"`, "sh", file],
    stdin: "inherit",
  });
  const { success } = await command.spawn().status;
  if (!success) throw new EnvironmentError(`Cannot edit ${file}: the editor ${editor} failed`);
}
