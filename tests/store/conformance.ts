import type { ObjectStore } from "../../src/store/store.ts";
import type { StoreTraits } from "./conformance/bench.ts";
import { GET_SENTENCES } from "./conformance/get_sentences.ts";
import { LIST_SENTENCES } from "./conformance/list_sentences.ts";
import { OTHER_SENTENCES } from "./conformance/other_sentences.ts";
import { PUT_SENTENCES } from "./conformance/put_sentences.ts";

const sentences = { ...PUT_SENTENCES, ...GET_SENTENCES, ...LIST_SENTENCES, ...OTHER_SENTENCES };

/** Every line of the contract of `ObjectStore`, for the store that `open` gives; each test works in a folder of its own. */
export function storeConformance(
  name: string,
  open: () => Promise<{ readonly store: ObjectStore; readonly cleanup: () => PromiseLike<void> }>,
  traits: StoreTraits,
  options: { readonly ignore?: boolean } = {},
): void {
  const sanitize = !traits.keepsConnections;
  Deno.test({
    name: `${name} keeps the contract of ObjectStore`,
    ignore: options.ignore ?? false,
    sanitizeOps: sanitize,
    sanitizeResources: sanitize,
    fn: async (context) => {
      const { store, cleanup } = await open();
      try {
        for (const [index, [sentence, prove]] of Object.entries(sentences).entries()) {
          const reason = whyNot(sentence, traits);
          await context.step({
            name: reason === undefined ? sentence : `${sentence} (not here: ${reason})`,
            ignore: reason !== undefined,
            fn: () => prove({ store, folder: `t${index}`, traits }),
          });
        }
      } finally {
        await store[Symbol.asyncDispose]();
        await cleanup();
      }
    },
  });
}

/** Why the sentence is not asked of such a store, if it is not. */
function whyNot(sentence: string, { checksHashes, brokenByServer }: StoreTraits): string | undefined {
  if (!checksHashes && sentence.includes("wrong sha256")) return "it does not check hashes";
  return brokenByServer?.[sentence];
}
