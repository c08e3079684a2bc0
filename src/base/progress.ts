// Whether anything moves in this thread. It costs an addition, so whoever waits for others or for a line says that he got on.

let count = 0;

/** An answer came, bytes moved, a pause that is meant to be went on. */
export function noteProgress(): void {
  count++;
}

/** Grows with each {@link noteProgress}. */
export function progressCount(): number {
  return count;
}
