import assert from "node:assert/strict";
import { formatTrustedHost, parseTrustedHost } from "../../src/model/trust.ts";

const KEY = `${"A".repeat(42)}B=`;
const NAMES_KEY = `${"A".repeat(42)}C=`;

Deno.test("parseTrustedHost() reads what formatTrustedHost() writes, with and without a names key", () => {
  const host = { hostname: "web-1.example", key: KEY };
  assert.deepEqual(parseTrustedHost(formatTrustedHost(host)), host);
  const named = { ...host, namesKey: NAMES_KEY };
  assert.deepEqual(parseTrustedHost(formatTrustedHost(named)), named);
  assert.deepEqual(parseTrustedHost(`  web-1.example \t ${KEY}  ${NAMES_KEY} `), named);
});

const REFUSED = [
  "",
  "web1",
  KEY,
  `web1 ${KEY.slice(1)}`,
  `web1 ${KEY} more`,
  `web1 ${KEY} ${NAMES_KEY} more`,
  `web1 ${KEY}${NAMES_KEY}`,
  `web_1 ${KEY}`,
  `web1 ${KEY}=`,
];

for (const text of REFUSED) {
  Deno.test(`parseTrustedHost() does not take ${JSON.stringify(text)}`, () =>
    assert.equal(parseTrustedHost(text), undefined));
}
