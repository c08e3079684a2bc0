import encodeQR from "qr";
import { type Kit, recoverySteps } from "./recovery_steps.ts";

/** What both forms of the kit say. */
export const TITLE = "Vaultik recovery kit";
export const WARNING =
  "Whoever has this page and can read the store can read every backup. Keep it where you keep what must not be lost or seen.";
export const WITHOUT =
  "Without the program: the store has recover.html, which a browser opens, and README.txt, which says how age, zstd and a page of Python do it.";

/** Where the store is, name and value. */
export function places({ storageUrl, endpoint, region, recipients, madeAt }: Kit): [string, string][] {
  const bucket = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(storageUrl);
  const rows: [string, string | undefined][] = [
    ["Store", storageUrl],
    ["Bucket", bucket?.[1]],
    ["Prefix", bucket?.[2]],
    ["Endpoint", endpoint ?? (bucket === null ? undefined : "AWS")],
    ["Region", region],
    ["Public key", recipients.join(", ")],
    ["Made", madeAt.toISOString().slice(0, 10)],
  ];
  return rows.filter((row): row is [string, string] => row[1] !== undefined && row[1] !== "");
}

/** The same for a text printer, or the inside of an envelope. */
export function kitText(kit: Kit): string {
  const rows = places(kit).map(([name, value]) => `${name.padEnd(12)}${value}`);
  const keys = kit.keys.map((key) => `${encodeQR(key, "ascii").trimEnd()}\n\n${key}`);
  const steps = recoverySteps(kit).map(({ what, line }, i) => `${i + 1}. ${what}:\n\n   ${line}\n`);
  return [TITLE, WARNING, rows.join("\n"), ...keys, steps.join("\n"), WITHOUT].join("\n\n") + "\n";
}
