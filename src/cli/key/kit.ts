import encodeQR from "qr";

/** What is on the page that restores everything. */
export interface Kit {
  /** `AGE-SECRET-KEY-…` */
  readonly keys: readonly string[];
  readonly recipients: readonly string[];
  readonly storageUrl: string;
  readonly endpoint: string | undefined;
  readonly region: string | undefined;
  readonly madeAt: Date;
}

const TITLE = "Vaultik recovery kit";
const WARNING =
  "Whoever has this page and can read the store can read every backup. Keep it where you keep what must not be lost or seen.";
const WITHOUT =
  "Without the program: the store has recover.html, which a browser opens, and README.txt, which says how age, zstd and a page of Python do it.";

/** A step of a recovery: what it is for, and the line to type. */
interface Step {
  readonly what: string;
  readonly line: string;
}

/** The four commands of a recovery, on a machine that has only the program. */
export function recoverySteps({ storageUrl, endpoint, region }: Kit): readonly Step[] {
  const isS3 = storageUrl.startsWith("s3://");
  const store = `--storage-url ${quoted(storageUrl)}` +
    (endpoint === undefined ? "" : ` --s3-endpoint ${quoted(endpoint)}`);
  const zone = region === undefined ? "" : ` AWS_REGION=${region}`;
  return [
    {
      what: isS3
        ? "Give the program the key to the bucket, and the secret key below in a file key.txt"
        : "Make the store reachable, and put the secret key below into a file key.txt",
      line: (isS3 ? `export AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=…${zone}; ` : "") +
        "(umask 077; cat > key.txt)",
    },
    { what: "See that the key opens the backups", line: `vaultik key verify --identity key.txt ${store}` },
    {
      what: "See which hosts and snapshots there are",
      line: `vaultik snapshot list --all-hosts ${store}`,
    },
    {
      what: "Restore the newest; --host chooses one of several hosts",
      line: `vaultik restore latest /mnt/restored --identity key.txt ${store}`,
    },
  ];
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Where the store is, name and value. */
function places({ storageUrl, endpoint, region, recipients, madeAt }: Kit): [string, string][] {
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

const PAGE_HEAD = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${TITLE}</title>
<style>
body { font: 11pt/1.4 sans-serif; max-width: 42em; margin: 2em auto; padding: 0 1em; }
th { text-align: left; padding-right: 1em; vertical-align: top; font-weight: normal; }
td, code, pre { font-family: monospace; overflow-wrap: anywhere; white-space: pre-wrap; margin: 0.2em 0; }
figure { margin: 1em 0; break-inside: avoid; }
figure svg { width: 5cm; height: 5cm; }
.warning { border: 2px solid; padding: 0.5em 1em; }
</style>
</head>
<body>
<h1>${TITLE}</h1>
<p class="warning">${WARNING}</p>
`;

/** For a printer by way of a browser; loads nothing. */
export function kitPage(kit: Kit): string {
  const rows = places(kit).map(([name, value]) => `<tr><th>${name}</th><td>${escaped(value)}</td></tr>`);
  const keys = kit.keys.map((key) =>
    `<figure>${encodeQR(key, "svg", { border: 2 })}<figcaption><code>${
      escaped(key)
    }</code></figcaption></figure>`
  );
  const steps = recoverySteps(kit).map(({ what, line }) =>
    `<li>${escaped(what)}<pre>${escaped(line)}</pre></li>`
  );
  return `${PAGE_HEAD}<table>
${rows.join("\n")}
</table>
<h2>Secret key</h2>
${keys.join("\n")}
<h2>Recovery</h2>
<ol>
${steps.join("\n")}
</ol>
<p>${WITHOUT}</p>
</body>
</html>
`;
}

/** The same for a text printer, or the inside of an envelope. */
export function kitText(kit: Kit): string {
  const rows = places(kit).map(([name, value]) => `${name.padEnd(12)}${value}`);
  const keys = kit.keys.map((key) => `${encodeQR(key, "ascii").trimEnd()}\n\n${key}`);
  const steps = recoverySteps(kit).map(({ what, line }, i) => `${i + 1}. ${what}:\n\n   ${line}\n`);
  return [TITLE, WARNING, rows.join("\n"), ...keys, steps.join("\n"), WITHOUT].join("\n\n") + "\n";
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
