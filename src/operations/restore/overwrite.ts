/** Which entries that are there already may be replaced or changed. */
export const OVERWRITES = ["always", "if-changed", "if-newer", "never"] as const;
export type Overwrite = typeof OVERWRITES[number];
