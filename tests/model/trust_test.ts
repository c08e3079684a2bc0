import assert from "node:assert/strict";
import { formatTrustedHost, isTrusted, parseTrustedHost } from "../../src/model/trust.ts";

const KEY = `${"A".repeat(42)}B=`;
const OTHER = `${"A".repeat(42)}C=`;

Deno.test("isTrusted() wants the name and the key of one host", () => {
  const hosts = [{ hostname: "web1", key: KEY }, { hostname: "web2", key: OTHER }];
  const cases: [hostname: string, hostKey: string, expected: boolean][] = [
    ["web1", KEY, true],
    ["web2", OTHER, true],
    ["web1", OTHER, false],
    ["web2", KEY, false],
    ["web3", KEY, false],
  ];
  for (const [hostname, hostKey, expected] of cases) {
    assert.equal(isTrusted({ hosts, untrusted: "ignore" }, { hostname, hostKey }), expected, hostname);
    assert.ok(isTrusted(undefined, { hostname, hostKey }));
  }
});

Deno.test("parseTrustedHost() reads what formatTrustedHost() writes, and nothing else", () => {
  const host = { hostname: "web-1.example", key: KEY };
  assert.deepEqual(parseTrustedHost(formatTrustedHost(host)), host);
  assert.deepEqual(parseTrustedHost(`  web-1.example \t ${KEY} `), host);
  for (
    const text of [
      "",
      "web1",
      KEY,
      `web1 ${KEY.slice(1)}`,
      `web1 ${KEY} more`,
      `web_1 ${KEY}`,
      `web1 ${KEY}=`,
    ]
  ) {
    assert.equal(parseTrustedHost(text), undefined, text);
  }
});
