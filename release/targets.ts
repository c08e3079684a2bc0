/** A platform that there is an executable for. */
export interface Platform {
  /** As Deno calls it. */
  readonly target: string;
  /** End of the executable's name: `linux-x86_64`. */
  readonly name: string;
  /** As pip calls the platform of the package that the base comes from. */
  readonly wheels: string;
  /** As Debian and RPM call the architecture; absent where there are no such packages. */
  readonly deb?: string;
  readonly rpm?: string;
}

export const LINUX: readonly Platform[] = [
  {
    target: "x86_64-unknown-linux-gnu",
    name: "linux-x86_64",
    wheels: "manylinux_2_28_x86_64",
    deb: "amd64",
    rpm: "x86_64",
  },
  {
    target: "aarch64-unknown-linux-gnu",
    name: "linux-aarch64",
    wheels: "manylinux_2_28_aarch64",
    deb: "arm64",
    rpm: "aarch64",
  },
];

/** They are built and not released: the program calls Linux' C library, so it does not run there yet. */
export const MACOS: readonly Platform[] = [
  { target: "aarch64-apple-darwin", name: "macos-aarch64", wheels: "macosx_11_0_arm64" },
  { target: "x86_64-apple-darwin", name: "macos-x86_64", wheels: "macosx_10_12_x86_64" },
];
