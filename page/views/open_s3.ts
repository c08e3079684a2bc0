import { UsageError } from "../../src/base/errors.ts";
import { confineTo } from "../confine.ts";
import { h } from "../dom.ts";
import { type S3Address, S3Store } from "../stores/s3.ts";
import { field, type Fields, form } from "./form.ts";

/** Asks for a bucket, and for the keys to it. */
export const s3Fields: Fields = (done, failed) => {
  const inputs = s3Inputs();
  const hint = h(
    "p",
    { class: "hint" },
    "The bucket must let this page read it: a CORS rule that allows GET and HEAD, and the header ",
    h("code", {}, "range"),
    ".",
  );
  const fields = [
    field("Endpoint", inputs.endpoint),
    field("Bucket", inputs.bucket),
    field("Folder in the bucket, if any", inputs.prefix),
    field("Region", inputs.region),
    field("Access key", inputs.accessKeyId),
    field("Secret access key", inputs.secretAccessKey),
    hint,
  ];
  const send = () => {
    const address = addressIn(inputs);
    confineTo(address.endpoint);
    done(new S3Store(address));
  };
  return [form("Open", fields, send, failed)];
};

type Inputs = ReturnType<typeof s3Inputs>;

function s3Inputs() {
  const text = (id: string, more: Record<string, string | boolean> = {}) =>
    h("input", { id, spellcheck: "false", autocomplete: "off", required: true, ...more });
  return {
    endpoint: text("endpoint", { type: "url", placeholder: "https://s3.eu-central-1.amazonaws.com" }),
    bucket: text("bucket", { placeholder: "backup" }),
    prefix: text("prefix", { placeholder: "web1", required: false }),
    region: text("region", { value: "us-east-1" }),
    accessKeyId: text("access-key"),
    secretAccessKey: text("secret-key", { type: "password" }),
  };
}

/** What was typed in. Throws `UsageError` where the endpoint is no address. */
function addressIn(inputs: Inputs): S3Address {
  const url = URL.parse(inputs.endpoint.value.trim());
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError("The endpoint is no web address: it begins with https://");
  }
  const folder = inputs.prefix.value.trim().replace(/^\/+|\/+$/g, "");
  return {
    endpoint: url.origin,
    bucket: inputs.bucket.value.trim(),
    prefix: folder === "" ? "" : `${folder}/`,
    region: inputs.region.value.trim(),
    accessKeyId: inputs.accessKeyId.value.trim(),
    secretAccessKey: inputs.secretAccessKey.value.trim(),
  };
}
