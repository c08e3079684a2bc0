import { fileSystemType } from "./mounts.ts";

/** `f_type` of file systems whose files the kernel makes up as they are read, from statfs(2): some never end, some are a switch. */
const MADE_UP = new Set([
  0x9fa0, // proc
  0x62656572, // sysfs
  0x27e0eb, // cgroup
  0x63677270, // cgroup2
  0x64626720, // debugfs
  0x74726163, // tracefs
  0x73636673, // securityfs
  0xf97cff8c, // selinuxfs
  0x62656570, // configfs
  0xcafe4a11, // bpf
  0x6165676c, // pstore
  0xde5e81e4, // efivarfs
  0x42494e4d, // binfmt_misc
  0x1cd1, // devpts
  0x19800202, // mqueue
  0x6e736673, // nsfs
  0x65735543, // fusectl
]);

/** Whether the file system at `path` holds nothing that is on a disk. */
export function isKernelMade(path: string): boolean {
  const type = fileSystemType(path);
  return type !== undefined && MADE_UP.has(type);
}
