import { shellWord } from "../../base/shell_word.ts";
import type { ServiceOptions } from "./service.ts";

/** A line for `/etc/cron.d`, or for the crontab of a user: a backup each hour, that says something only when something is wrong. */
export function crontabLine({ program, configPath, isOfUser }: ServiceOptions): string {
  const command = [...program, "--config", configPath, "snapshot", "create", "--cron"].map(word).join(" ");
  return `15 * * * *  ${isOfUser ? "" : "root  "}${command}\n`;
}

/** For the shell, and for cron, to which a percent sign is the end of the command. */
function word(text: string): string {
  return shellWord(text).replaceAll("%", "\\%");
}
