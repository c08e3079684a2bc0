class Vaultik < Formula
  desc "Encrypted backups without a secret on the machine"
  homepage "@HOMEPAGE@"
  version "@VERSION@"
  license "MIT"
  depends_on :linux

  on_intel do
    url "@SOURCE@/vaultik-linux-x86_64"
    sha256 "@SHA256_linux-x86_64@"
  end
  on_arm do
    url "@SOURCE@/vaultik-linux-aarch64"
    sha256 "@SHA256_linux-aarch64@"
  end

  def install
    bin.install Dir["vaultik-*"].first => "vaultik"
  end

  test do
    system bin/"vaultik", "self-test"
  end
end
