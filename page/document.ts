/** What the page is made of, and the hashes by which its policy knows script and style. */
export interface Parts {
  readonly js: string;
  readonly css: string;
  readonly scriptHash: string;
  readonly styleHash: string;
}

/** The page. Its policy lets nothing else run, and nothing be sent anywhere but to the store. */
export function documentOf({ js, css, scriptHash, styleHash }: Parts): string {
  const policy = [
    "default-src 'none'",
    `script-src '${scriptHash}'`,
    `style-src '${styleHash}'`,
    "img-src blob:",
    "frame-src blob:",
    "connect-src http: https:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>Vaultik: recover files</title>
<style>${css}</style>
</head>
<body>
<noscript>This page opens encrypted backups in your browser and needs JavaScript for that.</noscript>
<div id="app"></div>
<script type="module">${js}</script>
</body>
</html>
`;
}
