import { atLeast } from "../../base/at_least.ts";
import { fromLatin1 } from "../../base/bytes.ts";
import { EnvironmentError, UsageError } from "../../base/errors.ts";
import { cString, EINVAL, errno, errnoMessage, O_CLOEXEC, O_NONBLOCK } from "../libc.ts";
import { addressOf, fuseCalls } from "./calls.ts";
import { FuseDevice } from "./device.ts";

const O_RDWR = 2;
const MS_RDONLY = 1n;
const MS_NOSUID = 2n;
const MS_NODEV = 4n;
const MNT_DETACH = 2;
const F_SETFD = 2;
const F_SETFL = 4;
const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOURCE = "vaultik";
const FUSERMOUNT = "fusermount3";

export interface MountOptions {
  /** Other users may look too, as the permissions of files say. */
  readonly allowOther: boolean;
}

/** A mount of this process. */
export interface Mount {
  readonly device: FuseDevice;
  /** Takes it out of the tree of files at once; who has files of it open keeps them until the process ends. Throws `EnvironmentError`. */
  unmount(): Promise<void>;
}

/**
 * Mounts on the directory `path` (absolute, as a byte string): root by itself, others by the program fusermount3. Throws `UsageError`,
 * `EnvironmentError`.
 */
export async function mountFuse(path: string, options: MountOptions): Promise<Mount> {
  return Deno.uid() === 0 ? mountAsRoot(path, options) : await mountAsUser(textOf(path), options);
}

/** For messages and programs. */
function textOf(path: string): string {
  return new TextDecoder().decode(fromLatin1(path));
}

function mountAsRoot(path: string, { allowOther }: MountOptions): Mount {
  const fd = fuseCalls.open(cString("/dev/fuse"), O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    throw new EnvironmentError(
      `Cannot open /dev/fuse: ${
        errnoMessage(errno())
      }; the kernel module fuse has to be loaded (modprobe fuse)`,
    );
  }
  const access = allowOther ? ",allow_other,default_permissions" : "";
  const data = `fd=${fd},rootmode=40000,user_id=0,group_id=0${access}`;
  const flags = MS_RDONLY | MS_NOSUID | MS_NODEV;
  const type = cString(`fuse.${SOURCE}`);
  if (fuseCalls.mount(cString(SOURCE), cString(path), type, flags, cString(data)) < 0) {
    const reason = errnoMessage(errno());
    fuseCalls.close(fd);
    throw new EnvironmentError(`Cannot mount on ${textOf(path)}: ${reason}`);
  }
  return { device: new FuseDevice(fd), unmount: () => Promise.resolve(unmountAsRoot(path)) };
}

function unmountAsRoot(path: string): void {
  if (fuseCalls.umount2(cString(path), MNT_DETACH) === 0) return;
  const error = errno();
  // It is no mount any more.
  if (error !== EINVAL) {
    throw new EnvironmentError(`Cannot unmount ${textOf(path)}: ${errnoMessage(error)}`);
  }
}

async function mountAsUser(path: string, { allowOther }: MountOptions): Promise<Mount> {
  const sockets = new Int32Array(2);
  if (fuseCalls.socketpair(AF_UNIX, SOCK_STREAM, 0, new Uint8Array(sockets.buffer)) < 0) {
    throw new EnvironmentError(`Cannot make a socket: ${errnoMessage(errno())}`);
  }
  const [theirs, ours] = atLeast(2, [...sockets]);
  fuseCalls.fcntl(ours, F_SETFD, 1);
  const options = `ro,nosuid,nodev,fsname=${SOURCE},subtype=${SOURCE}` +
    (allowOther ? ",allow_other,default_permissions" : "");
  try {
    const child = startFusermount(["-o", options, "--", path], { _FUSE_COMMFD: String(theirs) });
    fuseCalls.close(theirs);
    const [fd, { success, stderr }] = await Promise.all([receiveFd(ours), child.output()]);
    if (!success || fd === undefined) {
      throw new EnvironmentError(`Cannot mount on ${path}: ${new TextDecoder().decode(stderr).trim()}`);
    }
    fuseCalls.fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK);
    fuseCalls.fcntl(fd, F_SETFD, 1);
    return { device: new FuseDevice(fd), unmount: () => unmountAsUser(path) };
  } finally {
    fuseCalls.close(ours);
  }
}

async function unmountAsUser(path: string): Promise<void> {
  const { success, stderr } = await startFusermount(["-u", "-z", "--", path], {}).output();
  const text = new TextDecoder().decode(stderr).trim();
  if (!success && !/not mounted|not found in/i.test(text)) {
    throw new EnvironmentError(`Cannot unmount ${path}: ${text}`);
  }
}

function startFusermount(args: readonly string[], env: Record<string, string>): Deno.ChildProcess {
  try {
    const options = { env, stdin: "null", stdout: "null", stderr: "piped" } as const;
    return new Deno.Command(FUSERMOUNT, { args: [...args], ...options }).spawn();
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new UsageError(
      `Cannot mount: the program ${FUSERMOUNT} is missing; install the package fuse3, or mount as root`,
      { cause },
    );
  }
}

/** One piece of memory for a message, whose parts point at each other: a byte of data, what comes with it, a list of one buffer, the message. */
const DATA = { at: 0, bytes: 8 };
const CONTROL = { at: 8, bytes: 64 };
const VECTOR = { at: 72, bytes: 16 };
const MESSAGE = { at: 88, bytes: 56 };
/** In what comes with the data: behind length, level and type. */
const FD_AT = CONTROL.at + 16;

/** The file that the other end of a socket sends; `undefined` where it closes it instead. See recvmsg(2), cmsg(3). */
async function receiveFd(socket: number): Promise<number | undefined> {
  const memory = new Uint8Array(new ArrayBuffer(MESSAGE.at + MESSAGE.bytes));
  const view = new DataView(memory.buffer);
  const start = addressOf(memory);
  const setU64 = (at: number, value: bigint) => view.setBigUint64(at, value, true);
  setU64(VECTOR.at, start + BigInt(DATA.at));
  setU64(VECTOR.at + 8, 1n);
  setU64(MESSAGE.at + 16, start + BigInt(VECTOR.at));
  setU64(MESSAGE.at + 24, 1n);
  setU64(MESSAGE.at + 32, start + BigInt(CONTROL.at));
  setU64(MESSAGE.at + 40, BigInt(CONTROL.bytes));
  const length = Number(await fuseCalls.recvmsg(socket, memory.subarray(MESSAGE.at), 0));
  return length > 0 ? view.getInt32(FD_AT, true) : undefined;
}
