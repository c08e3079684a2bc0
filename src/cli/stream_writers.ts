interface Writable {
  writeSync(bytes: Uint8Array): number;
}

/**
 * Once the other end is closed (`| head`) the rest is dropped: a backup does not die with the one who watched it. Every other fault
 * goes to `failed`.
 */
export function writerTo(file: Writable, failed: (cause: unknown) => void): (text: string) => void {
  const encoder = new TextEncoder();
  const write = bytesTo(file, failed);
  return (text) => void write(encoder.encode(text));
}

/** As {@link writerTo}, for bytes; says whether the other end is still open. */
export function bytesTo(
  file: Writable,
  failed: (cause: unknown) => void,
): (bytes: Uint8Array) => boolean {
  let isOpen = true;
  return (bytes) => {
    let rest = bytes;
    while (isOpen && rest.length > 0) {
      try {
        rest = rest.subarray(file.writeSync(rest));
      } catch (error) {
        if (error instanceof Deno.errors.WouldBlock) pause();
        else if (error instanceof Deno.errors.BrokenPipe) isOpen = false;
        else {
          failed(error);
          return isOpen;
        }
      }
    }
    return isOpen;
  };
}

/** For the rare pipe that someone else made non-blocking. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
}
