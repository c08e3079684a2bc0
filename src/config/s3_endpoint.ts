import type { Refuse } from "./refusal.ts";
import type { S3Settings } from "./schema_s3.ts";

/** The endpoint of the section, clean; `undefined` for that of AWS. */
export function endpointOf({ endpoint: given, use_ssl }: S3Settings, refuse: Refuse): string | undefined {
  const endpoint = given === undefined ? undefined : cleanEndpoint(given, use_ssl);
  if (given === undefined || endpoint !== undefined) return endpoint;
  throw refuse(
    given.includes("@")
      ? "s3.endpoint holds a user or a password; put them into access_key_id and secret_access_key"
      : `s3.endpoint is ${
        JSON.stringify(given)
      }; allowed is HOST:PORT or https://HOST:PORT, without a path and in line with use_ssl`,
  );
}

/** `https://host:port` of an endpoint given with or without a scheme; `undefined` when it is none or contradicts `useSsl`. */
export function cleanEndpoint(text: string, useSsl: boolean | undefined): string | undefined {
  const hasScheme = /^[a-z]+:\/\//i.test(text);
  const whole = hasScheme ? text : `${useSsl === false ? "http" : "https"}://${text}`;
  if (!/^https?:\/\/[^/?#@]+\/?$/i.test(whole) || !URL.canParse(whole)) return undefined;
  const url = new URL(whole);
  if (useSsl !== undefined && (url.protocol === "https:") !== useSsl) return undefined;
  return url.origin;
}
