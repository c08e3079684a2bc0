const PATH_MAX = 4096;
const scratch = new Uint8Array(PATH_MAX);

/** As {@link cString}, in memory that the next call uses again: for calls with one string, in hot loops. */
export function scratchCString(text: string): Uint8Array<ArrayBuffer> {
  if (text.length >= PATH_MAX) return cString(text);
  for (let i = 0; i < text.length; i++) scratch[i] = text.charCodeAt(i);
  scratch[text.length] = 0;
  return scratch;
}

/** `text`, whose char codes are bytes, with the NUL that C wants at its end. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length + 1);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
