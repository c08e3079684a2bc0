import encodeQR from "qr";
import { places, TITLE, WARNING, WITHOUT } from "./kit_text.ts";
import { type Kit, recoverySteps } from "./recovery_steps.ts";

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

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
