import { Encrypter } from "age-encryption";
import { openFileStore } from "../../src/store/file.ts";
import { KEYS, Machine } from "../operations/machine.ts";
import { madePage } from "./made_page.ts";

/** The smallest PDF with a page. */
const PDF = `%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Resources<<>>>>endobj
trailer<</Root 1 0 R>>
`;
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4//8/w38GIAXDIBKE0DHxgljNBAAO9TXL0Y4OHwAAAABJRU5ErkJggg==";

/** Names that would do harm where they were taken for HTML, for a path, or at their face value. */
export const HOSTILE = {
  markup: "<img src=x onerror=document.title='harmed'>.txt",
  backwards: "\u202egnp.exe",
} as const;

/** A directory with a store of three snapshots, the page, and keys. */
export interface BackedUp extends AsyncDisposable {
  readonly directory: string;
  /** Where the store is, and `recover.html` in it. */
  readonly store: string;
  readonly page: string;
  /** What was backed up last. */
  readonly data: string;
  readonly machine: Machine;
  readonly identity: string;
}

export async function backedUp(): Promise<BackedUp> {
  const directory = await Deno.makeTempDir({ prefix: "vaultik-page-" });
  const store = `${directory}/store`;
  await Deno.mkdir(store);
  const machine = await Machine.make({}, await openFileStore(store));
  machine.write("notes.txt", "the first version\n");
  machine.write(`docs/${HOSTILE.markup}`, "<script>document.title = 'harmed'</script>\n");
  machine.write(`docs/${HOSTILE.backwards}`, "backwards");
  machine.write("docs/paper.pdf", PDF);
  machine.write("docs/dot.png", Uint8Array.from(atob(PNG), (c) => c.charCodeAt(0)));
  machine.write("docs/deep/er/file.md", "# Found\n");
  machine.write("docs/page.html", "<script>document.title = 'harmed'</script>");
  await machine.backUp();
  machine.write("notes.txt", "the second version\n");
  await machine.backUp();
  machine.write("notes.txt", "the third version\n");
  machine.write("large.bin", new Uint8Array(3_000_000).map((_, i) => (i * i) >> 7));
  await machine.backUp();
  const page = `${store}/recover.html`;
  await Deno.writeTextFile(page, await madePage());
  return {
    ...{ directory, store, page, machine, data: machine.data, identity: KEYS.identity },
    async [Symbol.asyncDispose]() {
      await machine[Symbol.asyncDispose]();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

/** The identity in a file that a passphrase protects. */
export async function protectedIdentity(passphrase: string): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.setScryptWorkFactor(10);
  encrypter.setPassphrase(passphrase);
  return await encrypter.encrypt(`${KEYS.identity}\n`);
}
