import { openStore } from "../../src/store/open.ts";
import { findVersitygw, type S3Server, startVersitygw } from "../fixtures/s3_server.ts";
import { type BackedUp, backedUp } from "./backed_up.ts";
import { BROWSER, withBrowser } from "./browser.ts";
import { file, openPage, unlockWith } from "./opened.ts";

const VERSITYGW = await findVersitygw();

Deno.test({
  name: "from a file the page reads an S3 bucket that allows it (CORS), with keys that are typed in",
  ignore: BROWSER === undefined || VERSITYGW === undefined,
  sanitizeResources: false,
  sanitizeOps: false,
  async fn() {
    await using made = await backedUp();
    await using server = await startVersitygw(VERSITYGW!);
    const { bucket, accessKeyId, secretAccessKey } = server.location("");
    await allowPages(server);
    await copyToBucket(made, server);
    await withBrowser(async (browser) => {
      const { page } = await openPage(browser, `file://${made.page}`);
      await page.getByLabel("An S3 bucket").check();
      await page.getByLabel("Endpoint").fill(server.endpoint);
      await page.getByLabel("Bucket", { exact: true }).fill(bucket);
      await page.getByLabel("Folder in the bucket, if any").fill("web1");
      await page.getByLabel("Access key", { exact: true }).fill(accessKeyId!);
      await page.getByLabel("Secret access key").fill(secretAccessKey!);
      await page.getByRole("button", { name: "Open" }).click();
      await unlockWith(page, made.identity);
      await file(page, "notes.txt").click();
      await page.getByText("the third version").waitFor();
    });
  },
});

/** The rule that docs/browse.md gives. */
async function allowPages(server: S3Server): Promise<void> {
  const { S3Client, PutBucketCorsCommand } = await import("@aws-sdk/client-s3");
  const { endpoint, region, accessKeyId, secretAccessKey, bucket } = server.location("");
  const credentials = { accessKeyId: accessKeyId!, secretAccessKey: secretAccessKey! };
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  const rule = { AllowedOrigins: ["*"], AllowedMethods: ["GET", "HEAD"], AllowedHeaders: ["*"] };
  await client.send(new PutBucketCorsCommand({ Bucket: bucket, CORSConfiguration: { CORSRules: [rule] } }));
  client.destroy();
}

async function copyToBucket({ machine: { root } }: BackedUp, server: S3Server): Promise<void> {
  await using bucket = await openStore(server.location("web1"), () => {});
  for await (const { name } of root.list("hosts/")) await bucket.put(name, await root.get(name));
}
