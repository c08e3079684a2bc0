import assert from "node:assert/strict";
import { fromRcloneError } from "../../src/store/rclone_errors.ts";

const call = { action: "read", thing: "rclone://nas/a" };

Deno.test("fromRcloneError() sorts what rclone says by what the caller does next", () => {
  const table: [status: number, said: string, name: string][] = [
    [404, "failed to find object: object not found", "NotFoundError"],
    [404, "error in ListJSON: directory not found", "NotFoundError"],
    [500, `didn't find section in config file ("nas")`, "UsageError"],
    [500, `failed to make Fs: didn't find section in config file`, "UsageError"],
    [500, `failed to create file system for "nas:": didn't find backend called "dav"`, "UsageError"],
    [500, "couldn't fetch token: invalid_grant: token expired", "UsageError"],
    [500, "AccessDenied: Access Denied status code: 403, request id: x", "RefusedError"],
    [500, "open /srv/a: permission denied", "RefusedError"],
    [500, "401 Unauthorized", "RefusedError"],
    [500, "write /srv/a: no space left on device", "EnvironmentError"],
    [500, "googleapi: Error 403: storageQuotaExceeded", "EnvironmentError"],
    [416, "Requested Range Not Satisfiable", "CorruptionError"],
    [404, "Not Found", "UnavailableError"],
    [500, "corrupted on transfer: md5 hash differ", "UnavailableError"],
    [
      500,
      `failed to create file system: dial tcp 127.0.0.1:1: connect: connection refused`,
      "UnavailableError",
    ],
    [500, "Get https://x: lookup nas: no such host", "UnavailableError"],
    [500, "Internal Error: 503 Service Unavailable", "BusyError"],
    [500, "unexpected EOF", "UnavailableError"],
  ];
  for (const [status, said, name] of table) {
    const error = fromRcloneError(status, said, call);
    assert.equal(error.name, name, said);
    assert.match(error.message, /^Cannot read "rclone:\/\/nas\/a": /);
  }
});
