import type { Event, Report } from "./events.ts";

/** Programs that read the lines need no more. */
const PROGRESS_MS = 1_000;

/** Each event as a line of JSON: `{"event":"file-unreadable","path":…,"reason":…}`; progress at most once a second. */
export function jsonLines(write: (text: string) => void, nowMs: () => number): Report {
  let progressMs = -Infinity;
  return (event) => {
    if (event.kind === "progress") {
      if (nowMs() - progressMs < PROGRESS_MS) return;
      progressMs = nowMs();
    }
    write(toJson(plain(event)) + "\n");
  };
}

function plain(event: Event): object {
  switch (event.kind) {
    case "progress":
      return { event: event.kind, ...event.progress };
    case "retrying": {
      const cause = event.cause instanceof Error ? event.cause.message : String(event.cause);
      return { event: event.kind, what: event.what, delayMs: event.delayMs, cause };
    }
    default: {
      const { kind, ...rest } = event;
      return { event: kind, ...rest };
    }
  }
}

/** What JSON leaves as it is, and a terminal may obey: control characters, marks that turn the direction of writing. */
const OBEYED = /[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Members that have another name in JSON, so that there is one word for one thing. */
const NAMES: Readonly<Record<string, string>> = {
  blobsUploaded: "blobs_sent",
  bytesUploaded: "bytes_sent",
  bytesDownloaded: "bytes_fetched",
  storedBytes: "bytes_stored",
  addedBytes: "bytes_added",
  label: "hostname",
};

/** JSON with the names of members as people write them there: `startedAt` becomes `started_at`. It does nothing to a terminal. */
export function toJson(value: unknown): string {
  const escaped = (character: string) => "\\u" + character.charCodeAt(0).toString(16).padStart(4, "0");
  return JSON.stringify(snakeCase(value)).replace(OBEYED, escaped);
}

function snakeCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeCase);
  if (typeof value !== "object" || value === null || "toJSON" in value) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      Object.hasOwn(NAMES, key) ? NAMES[key] : key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      snakeCase(inner),
    ]),
  );
}
