/** `text` for a message, with `***` for every identity in it: keys get into all kinds of wrong places. */
export function maskIdentities(text: string): string {
  return text.replace(/AGE-SECRET-KEY-[A-Z0-9-]+|AGE-PLUGIN-[A-Z0-9+._-]+-1[A-Z0-9]+/gi, "***");
}
