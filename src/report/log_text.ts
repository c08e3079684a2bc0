import { toJson } from "./json.ts";

/** For people, for programs that read a line of JSON each, or for journald. */
export type LogFormat = "text" | "json" | "journal";

export type LogLevel = "info" | "note" | "warning" | "error";

/** As syslog counts them; journald reads them at the start of a line (sd-daemon(3)). */
const PRIORITIES: Readonly<Record<LogLevel, number>> = { error: 3, warning: 4, note: 5, info: 6 };

/** `text`, of one or several lines, as a log has it; ends with a line feed. */
export function logText(format: LogFormat, level: LogLevel, text: string, at: Date): string {
  switch (format) {
    case "text":
      return `${text}\n`;
    case "json":
      return toJson({ time: at.toISOString(), level, message: text }) + "\n";
    case "journal":
      return text.replace(/^/gm, `<${PRIORITIES[level]}>`) + "\n";
  }
}
