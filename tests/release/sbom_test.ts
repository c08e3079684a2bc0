import assert from "node:assert/strict";
import { findDependencies } from "../../release/dependencies.ts";
import { sbomText } from "../../release/sbom.ts";

const dependencies = findDependencies().map((dependency) => ({ ...dependency, licence: "MIT" }));

Deno.test("the bill of materials names every package with version, hash and licence, and is the same each time", () => {
  const text = sbomText({ version: "1.2.3", dependencies, deno: "2.6.10" });
  assert.equal(sbomText({ version: "1.2.3", dependencies, deno: "2.6.10" }), text);
  const bom = JSON.parse(text);
  assert.equal(bom.bomFormat, "CycloneDX");
  assert.match(bom.serialNumber, /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(bom.components.length, dependencies.length + 1);
  for (const { name, version, hashes, purl, licenses } of bom.components.slice(0, -1)) {
    assert.equal(purl, `pkg:npm/${name.replace("@", "%40")}@${version}`);
    assert.match(hashes[0].content, /^[0-9a-f]{128}$/);
    assert.equal(licenses[0].license.id, "MIT");
  }
  assert.deepEqual(
    bom.dependencies[0].dependsOn,
    bom.components.map((component: { "bom-ref": string }) => component["bom-ref"]),
  );
});
