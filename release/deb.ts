import { join } from "node:path";
import { run } from "../bench/packages.ts";
import { layOut, packagedFiles } from "./contents.ts";

export interface DebOptions {
  /** The executable. */
  readonly program: string;
  readonly version: string;
  /** As Debian calls it: `amd64`. */
  readonly architecture: string;
  /** The package that is written. */
  readonly output: string;
  /** Of dpkg-deb; gzip opens on every Debian, and is much faster than xz. */
  readonly compression?: "gzip" | "none";
}

/** Makes a Debian package by dpkg-deb. */
export async function makeDeb(options: DebOptions): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "vaultik-deb-" });
  try {
    await Deno.chmod(root, 0o755);
    await layOut(await packagedFiles(options.program), root);
    await Deno.mkdir(join(root, "DEBIAN"));
    const { size } = await Deno.stat(options.program);
    await Deno.writeTextFile(join(root, "DEBIAN/control"), control(options, size));
    for (const [name, script] of Object.entries(SCRIPTS)) {
      await Deno.writeTextFile(join(root, "DEBIAN", name), script);
      await Deno.chmod(join(root, "DEBIAN", name), 0o755);
    }
    const compress = `-Z${options.compression ?? "gzip"}`;
    await run("dpkg-deb", ["--root-owner-group", compress, "--build", root, options.output], {
      stdout: "null",
    });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** Deno needs glibc; OpenSSL makes sealing faster, and fuse3 lets users mount. */
function control({ version, architecture }: DebOptions, bytes: number): string {
  return `Package: vaultik
Version: ${version}
Architecture: ${architecture}
Maintainer: Vaultik contributors
Installed-Size: ${Math.ceil(bytes / 1024)}
Depends: libc6 (>= 2.30)
Recommends: ca-certificates, libssl3
Suggests: age, fuse3, rclone, zstd
Section: admin
Priority: optional
Description: encrypted backups without a secret on the machine
 Vaultik backs up to S3, a directory or an rclone remote with age public keys
 only. One private key, which is kept elsewhere, restores everything.
`;
}

/** Nothing is enabled, and a running daemon is replaced by the new version. The index and /etc/vaultik are never touched. */
const IS_RUNNING = '[ -z "$DPKG_ROOT" ] && [ -d /run/systemd/system ]';
const SCRIPTS = {
  postinst: `#!/bin/sh
set -e
if [ "$1" = configure ] && ${IS_RUNNING}; then
  systemctl daemon-reload
  systemctl try-restart vaultik.service
fi
`,
  prerm: `#!/bin/sh
set -e
if [ "$1" = remove ] && ${IS_RUNNING}; then
  systemctl disable --now vaultik.service
fi
`,
  postrm: `#!/bin/sh
set -e
if ${IS_RUNNING}; then
  systemctl daemon-reload
fi
`,
};
