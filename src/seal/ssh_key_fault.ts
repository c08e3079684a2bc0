/** Why an SSH key cannot be used, for a message. */
export class SshKeyFault extends Error {
  override readonly name = "SshKeyFault";
}
