import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { Dependency } from "./dependencies.ts";

export interface Sbom {
  readonly version: string;
  readonly dependencies: readonly (Dependency & { readonly licence: string })[];
  /** Of the runtime that the executable is built on. */
  readonly deno: string;
}

/** A bill of materials (CycloneDX 1.5). The same contents give the same bytes. */
export function sbomText({ version, dependencies, deno }: Sbom): string {
  const program = { type: "application", name: "vaultik", version, "bom-ref": `vaultik@${version}` };
  const packages = dependencies.map(({ name, version, sha512, licence }) => ({
    type: "library",
    name,
    version,
    "bom-ref": packageUrl(name, version),
    purl: packageUrl(name, version),
    hashes: [{ alg: "SHA-512", content: Buffer.from(sha512, "base64").toString("hex") }],
    licenses: [{ license: { id: licence } }],
  }));
  const runtime = {
    type: "framework",
    name: "deno",
    version: deno,
    "bom-ref": `deno@${deno}`,
    licenses: [{ license: { id: "MIT" } }],
  };
  const components = [...packages, runtime];
  const seed = createHash("sha256").update(JSON.stringify([program, components])).digest("hex");
  return JSON.stringify(
    {
      bomFormat: "CycloneDX",
      specVersion: "1.5",
      serialNumber: `urn:uuid:${uuidOf(seed)}`,
      version: 1,
      metadata: { component: { ...program, licenses: [{ license: { id: "MIT" } }] } },
      components,
      dependencies: [{
        ref: program["bom-ref"],
        dependsOn: components.map((component) => component["bom-ref"]),
      }],
    },
    null,
    2,
  ) + "\n";
}

function packageUrl(name: string, version: string): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

/** A UUID (version 8, made from a hash). */
function uuidOf(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${
    hex.slice(20, 32)
  }`;
}
