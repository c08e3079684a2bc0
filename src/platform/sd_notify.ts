import { c, isPortable, libc } from "./libc.ts";

const sockets = libc({
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  sendto: { parameters: ["i32", "buffer", "usize", "i32", "buffer", "u32"], result: "i32" },
});

const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 0o2000002;
const MSG_NOSIGNAL = 0x4000;

/**
 * Tells the service manager at `socket` (its `NOTIFY_SOCKET`) `state`: lines as `READY=1`. False where it does not listen, which is
 * none of the service's business. Deno has no datagram sockets without a flag, hence libc: without it systemd learns nothing.
 */
export function notifyServiceManager(socket: string, state: string): boolean {
  if (isPortable) return false;
  const path = new TextEncoder().encode(socket);
  const address = new Uint8Array(2 + path.length + 1);
  new DataView(address.buffer).setUint16(0, AF_UNIX, true);
  address.set(path, 2);
  const isAbstract = socket.startsWith("@");
  if (isAbstract) address[2] = 0;
  const fd = sockets().socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
  if (fd < 0) return false;
  const message = new TextEncoder().encode(state);
  const length = isAbstract ? address.length - 1 : address.length;
  const sent = sockets().sendto(fd, message, BigInt(message.length), MSG_NOSIGNAL, address, length);
  c.close(fd);
  return sent === message.length;
}
