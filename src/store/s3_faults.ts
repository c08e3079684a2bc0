import { codeOf } from "./s3_errors.ts";

const ENDED = /^(ExpiredToken|ExpiredTokenException|InvalidToken|TokenRefreshRequired)$/;
const ELSEWHERE = /^(PermanentRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraintException)$/;

/** Of a HEAD's answer, which has no name; that credentials have ended is one of few reasons for it. */
const WORDLESS = "Unknown";

/** Whether the store says that the credentials are no longer valid, or may mean it. */
export function haveEnded(error: unknown): boolean {
  const { name, status } = codeOf(error);
  return ENDED.test(name) || (status === 400 && name === WORDLESS);
}

/** Whether the store's clock is another. The SDK sets its own by that answer, so the next call is right; a HEAD's answer has no name. */
export function isSkewed(error: unknown): boolean {
  const { $metadata } = (error ?? {}) as { readonly $metadata?: { readonly clockSkewCorrected?: boolean } };
  return codeOf(error).name === "RequestTimeTooSkewed" || $metadata?.clockSkewCorrected === true;
}

/** The region in which the bucket is, where the store says that it is in another than we asked. */
export function regionIn(error: unknown): string | undefined {
  const { name, status } = codeOf(error);
  // A HEAD's answer has no name, but the header.
  if (![301, 400].includes(status ?? 0) && !ELSEWHERE.test(name)) return undefined;
  const { Region, $response } = error as {
    readonly Region?: unknown;
    readonly $response?: { readonly headers?: Record<string, string> };
  };
  const region = $response?.headers?.["x-amz-bucket-region"] ?? Region;
  return isRegion(region) ? region : undefined;
}

export function isRegion(value: unknown): value is string {
  return typeof value === "string" && /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/.test(value);
}
