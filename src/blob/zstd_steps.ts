import { loadSystemDecompressSteps, type SystemDecompressSteps } from "../platform/linux/libzstd.ts";

let steps: { readonly decompress: SystemDecompressSteps | undefined } | undefined;

/** What decompresses a frame while it arrives; `undefined` where the system cannot. What is wrong with a frame, `decompressFrame` says. */
export function decompressSteps(): SystemDecompressSteps | undefined {
  steps ??= { decompress: loadSystemDecompressSteps() };
  return steps.decompress;
}
