import { join } from "node:path";
import { run } from "../bench/packages.ts";
import { layOut, type PackagedFile, packagedFiles } from "./contents.ts";

export interface RpmOptions {
  readonly program: string;
  readonly version: string;
  /** As RPM calls it: `x86_64`. */
  readonly architecture: string;
  readonly output: string;
}

/** Makes an RPM package by rpmbuild. */
export async function makeRpm(options: RpmOptions): Promise<void> {
  const scratch = await Deno.makeTempDir({ prefix: "vaultik-rpm-" });
  try {
    const files = (await packagedFiles(options.program)).map(asOnRpm);
    await layOut(files, join(scratch, "files"));
    const specFile = join(scratch, "vaultik.spec");
    await Deno.writeTextFile(specFile, spec(options, files, join(scratch, "files")));
    const { architecture, output } = options;
    await run("rpmbuild", [
      ...["--quiet", "-bb", "--target", architecture, "--define", `_topdir ${scratch}`],
      specFile,
    ], { stdout: "null" });
    const made = join(scratch, "RPMS", architecture);
    await Deno.copyFile(join(made, [...Deno.readDirSync(made)][0]!.name), output);
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

/** Units are in /usr there. */
function asOnRpm(file: PackagedFile): PackagedFile {
  return { ...file, path: file.path.replace(/^lib\/systemd/, "usr/lib/systemd") };
}

function spec({ version }: RpmOptions, files: readonly PackagedFile[], from: string): string {
  return `Name: vaultik
Version: ${version.replaceAll("-", "~")}
Release: 1
Summary: Encrypted backups without a secret on the machine
License: MIT
AutoReqProv: no
Requires: glibc >= 2.30
%global debug_package %{nil}
%global __os_install_post %{nil}
%global _build_id_links none
%define _binary_payload w6.gzdio

%description
Vaultik backs up to S3, a directory or an rclone remote with age public keys
only. One private key, which is kept elsewhere, restores everything.

%install
cp -a ${from}/. %{buildroot}/

%post
[ ! -d /run/systemd/system ] || { systemctl daemon-reload; systemctl try-restart vaultik.service; } || :

%preun
[ "$1" != 0 ] || [ ! -d /run/systemd/system ] || systemctl disable --now vaultik.service || :

%postun
[ ! -d /run/systemd/system ] || systemctl daemon-reload || :

%files
${files.map(({ path, mode }) => `%attr(${mode.toString(8)}, root, root) /${path}`).join("\n")}
`;
}
