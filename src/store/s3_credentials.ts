import { UnavailableError } from "../base/errors.ts";
import { codeOf } from "./s3_errors.ts";

/** As the SDK calls it where it finds no credentials. */
const NO_CREDENTIALS = "CredentialsProviderError";

/** Whether no credentials were found: the store was not asked. */
export function isNoCredentials(error: unknown): error is Error {
  return codeOf(error).name === NO_CREDENTIALS;
}

/**
 * `find`, each of whose failures is one of the network, an answer of AWS's, or {@link isNoCredentials}. Some of the SDK's are a `SyntaxError`
 * about what a service or a program gave, or an error of the system.
 */
export function named<Input, Found>(
  find: (input: Input) => Promise<Found>,
): (input: Input) => Promise<Found> {
  return async (input) => {
    try {
      return await find(input);
    } catch (error) {
      const isNamed = isNoCredentials(error) || codeOf(error).status !== undefined;
      if (isNamed || error instanceof UnavailableError || !(error instanceof Error)) throw error;
      throw Object.assign(new Error(error.message, { cause: error }), { name: NO_CREDENTIALS });
    }
  };
}
