import {
  ArchivedError,
  BusyError,
  CorruptionError,
  ExistsError,
  LockedError,
  NotFoundError,
  RefusedError,
  UnavailableError,
  UsageError,
} from "../base/errors.ts";

/** What was tried where, for the message; holds no secret. */
export interface S3Call {
  readonly action: string;
  readonly thing: string;
  readonly bucket: string;
  /** `http://127.0.0.1:9000`, or words for the provider's own. */
  readonly endpoint: string;
  /** A HEAD's 404 has no body that names what is missing; its caller finds out by GET. */
  readonly isHead: boolean;
}

/** What answers is not S3, or wants to harm us. */
export class NotS3Error extends Error {}

/** Of what a store says, at most so much is repeated. */
const SAID_LETTERS = 300;

/** 4xx that pass by themselves. The SDK sets its clock by the store's answer, so a skewed one passes as well. */
const PASSING =
  /^(SlowDown|RequestTimeout|RequestTimeTooSkewed|InternalError|ServiceUnavailable|Throttling.*|IncompleteBody|OperationAborted|ConditionalRequestConflict|NoSuchUpload|TemporaryRedirect)$/;
const PASSING_STATUSES = [307, 408, 409, 429];
/** Of those, what asks for fewer requests. */
const BUSY =
  /^(SlowDown.*|ServiceUnavailable|Throttl.*|TooManyRequests.*|RequestLimitExceeded|BandwidthLimitExceeded)$/;
const BUSY_STATUSES = [429, 503];

/** `error` as our callers know errors; what did not come from the store or the network is a bug and stays as it is. */
export function fromS3Error(error: unknown, call: S3Call): unknown {
  const { name, status } = codeOf(error);
  const fail = (Class: new (message: string, options: ErrorOptions) => Error, state: string) =>
    new Class(`Cannot ${call.action} "${call.thing}": ${state}`, { cause: error });

  if (error instanceof UnavailableError) {
    if (isCertificateProblem(error)) return fail(UsageError, certificateState(error, call));
    if (isPlainServer(error)) {
      return fail(
        UsageError,
        `${call.endpoint} does not speak TLS (${error.message}); write http:// or check the port`,
      );
    }
    return fail(UnavailableError, `${error.message} (${call.endpoint})`);
  }
  if (error instanceof NotS3Error) {
    return fail(
      UsageError,
      `${call.endpoint} does not answer as S3 does (${error.message}); check the endpoint`,
    );
  }
  if (name === "CredentialsProviderError") return fail(UsageError, noCredentials(error, call));
  if (status === undefined) return error;
  if (status === 404 && (name === "NoSuchKey" || call.isHead)) return fail(NotFoundError, "not there");
  if (status === 412) return fail(ExistsError, "it exists");
  if (status === 416) return fail(CorruptionError, "it ends before the bytes asked for");
  if (name === "InvalidObjectState") {
    return fail(ArchivedError, "it is in cold storage and was not asked back");
  }
  const refusal = refusalState(error, call);
  if (refusal !== undefined) return fail(isLocked(error, call.action) ? LockedError : RefusedError, refusal);
  const state = usageState(name, status, call);
  if (state !== undefined) return fail(UsageError, state);
  if (status >= 500 || status < 300 || PASSING_STATUSES.includes(status) || PASSING.test(name)) {
    const isBusy = BUSY.test(name) || BUSY_STATUSES.includes(status);
    return fail(isBusy ? BusyError : UnavailableError, `${call.endpoint} answered ${status} ${name}`);
  }
  return fail(UsageError, `${call.endpoint} refused it (${status} ${name}: ${said(error)})`);
}

/** A line of what the store said. */
function said(error: unknown): string {
  const text = String((error as Error).message).replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
  return text.length > SAID_LETTERS ? `${text.slice(0, SAID_LETTERS)}…` : text;
}

/** Every answer of S3 has `mark`: a success without it comes from someone else, as a portal that wants a login. */
export function checkIsS3(mark: unknown): void {
  if (mark === undefined) {
    throw new UnavailableError("the answer is not one of S3's (a proxy's, a portal's?)");
  }
}

/** The name that S3 gives to what went wrong, and the HTTP status, where `error` is an answer. */
export function codeOf(error: unknown): { readonly name: string; readonly status: number | undefined } {
  const { name, $metadata, $response } = (error ?? {}) as {
    name?: string;
    $metadata?: { httpStatusCode?: number };
    $response?: { statusCode?: number };
  };
  return { name: String(name), status: $metadata?.httpStatusCode ?? $response?.statusCode };
}

/** The names of 403 that say more than that the credentials have no right; a HEAD's has no name. */
const OTHER_403 =
  /^(InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|InvalidToken|TokenRefreshRequired|AuthorizationHeaderMalformed)$/;

function refusalState(error: unknown, { action, bucket, endpoint }: S3Call): string | undefined {
  const { name, status } = codeOf(error);
  if ((status !== 401 && status !== 403) || PASSING.test(name) || OTHER_403.test(name)) return undefined;
  if (isLocked(error, action)) return `it is locked, and ${endpoint} keeps it until the lock ends (${name})`;
  return `${endpoint} refused access to bucket "${bucket}" (${status} ${name}); ` +
    "check the access key, the secret access key and the rights that the bucket grants them";
}

/** Object lock answers as a missing right does, but in other words. */
function isLocked(error: unknown, action: string): boolean {
  return action === "remove" && /object lock|WORM|retention/i.test((error as Error).message);
}

function usageState(name: string, status: number, { bucket, endpoint }: S3Call): string | undefined {
  if (PASSING.test(name)) return undefined;
  if (name === "NoSuchBucket") {
    return `there is no bucket "${bucket}" at ${endpoint}; check the bucket's name, the endpoint and the region`;
  }
  if (name === "InvalidAccessKeyId") {
    return `${endpoint} does not know the access key; check the access key id, and that it belongs to this endpoint`;
  }
  if (name === "SignatureDoesNotMatch") {
    return `${endpoint} does not accept the signature for bucket "${bucket}"; check the secret access key and the region`;
  }
  if (["ExpiredToken", "InvalidToken", "TokenRefreshRequired"].includes(name)) {
    return `${endpoint} does not accept the session token (${name}); renew the credentials`;
  }
  if (
    (status >= 300 && status < 400 && status !== 307) || name === "AuthorizationHeaderMalformed" ||
    name === "PermanentRedirect"
  ) {
    return `bucket "${bucket}" is not at ${endpoint} (${status} ${name}); check the region and the endpoint`;
  }
  if (status === 404) {
    return `${endpoint} does not answer as S3 does (404 ${name}) for bucket "${bucket}"; check the endpoint`;
  }
  if (status === 501) return `${endpoint} cannot do this (${name})`;
  return undefined;
}

function isCertificateProblem(error: Error): boolean {
  return /certificate|UnknownIssuer|SELF_SIGNED/i.test(error.message);
}

/** What TLS says of an answer that is none of TLS. */
function isPlainServer(error: Error): boolean {
  return /InvalidContentType|wrong.version.number|packet length too long/i.test(error.message);
}

function certificateState(error: Error, { endpoint }: S3Call): string {
  return `the certificate of ${endpoint} is not trusted (${error.message}); ` +
    "check the endpoint, or name the file of its authority in s3.ca_file";
}

function noCredentials(error: unknown, { bucket, endpoint }: S3Call): string {
  return `no credentials for bucket "${bucket}" at ${endpoint} (${
    (error as Error).message
  }); check the configuration, ` +
    "or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
}
