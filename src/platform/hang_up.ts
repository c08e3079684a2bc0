const SIGHUP = 1;

/**
 * Whether this process was started to outlive its terminal (`nohup`), where the system tells. To be asked before the first listener of a
 * signal: with that Deno takes SIGHUP as well, and ends the process by it.
 */
export function ignoresHangUp(): boolean {
  try {
    const [, ignored] = /^SigIgn:\s*([0-9a-f]+)$/m.exec(Deno.readTextFileSync("/proc/self/status")) ?? [];
    return ignored !== undefined && (BigInt(`0x${ignored}`) & 1n << BigInt(SIGHUP - 1)) !== 0n;
  } catch {
    return false;
  }
}
