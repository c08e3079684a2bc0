import type { CommandSpec } from "../command.ts";
import { VERSION } from "../version.ts";

export const version: CommandSpec = {
  usage: "version",
  summary: "Show the version of Vaultik and of what it is made with",
  example: "vaultik version",

  run({ io }) {
    io.stdout(Object.entries(versions()).map(([name, number]) => `${name} ${number}\n`).join(""));
    return Promise.resolve(0);
  },
};

export function versions(): Readonly<Record<string, string>> {
  return { vaultik: VERSION, deno: Deno.version.deno, platform: `${Deno.build.os}-${Deno.build.arch}` };
}
