/** No name of an object may hold a `~`, so what is being written is not taken for an object. */
const TEMPORARY = /(^|\/)~[0-9a-f-]+\.tmp$/;
/** No write takes longer, so what is older was left by a crash. */
const MAX_AGE_MS = 24 * 3600 * 1000;

/** A name for an object that is being written, in the directory of `name`. */
export function temporaryName(name: string): string {
  return `${name.slice(0, name.lastIndexOf("/") + 1)}~${crypto.randomUUID()}.tmp`;
}

export function isTemporary(name: string): boolean {
  return TEMPORARY.test(name);
}

/** Whether a temporary name was left behind, rather than in use. */
export function isLeftover(modified: Date): boolean {
  return Date.now() - modified.getTime() > MAX_AGE_MS;
}
