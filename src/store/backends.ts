import type { Backend } from "./backend.ts";
import { fileBackend } from "./file_backend.ts";
import { rcloneBackend } from "./rclone_backend.ts";

/** Every kind of store that an address says all of. S3, which has a section of the configuration, is beside them. */
export const BACKENDS = [fileBackend, rcloneBackend] as const;

type Places<Known> = Known extends Backend<infer Kind, infer Place> ? { readonly kind: Kind } & Place : never;

/** Where a store of one of these kinds is. */
export type AddressedPlace = Places<(typeof BACKENDS)[number]>;

type AnyBackend = Backend<AddressedPlace["kind"], AddressedPlace>;

/** The backend called `kind`; `undefined` where there is none. */
export function findBackend(kind: string): AnyBackend | undefined {
  return (BACKENDS as readonly unknown[] as readonly AnyBackend[]).find((backend) => backend.kind === kind);
}

export function backendOf(place: AddressedPlace): AnyBackend {
  return findBackend(place.kind)!;
}

/** The directory of this machine where the store is, if it is one. */
export function directoryOf(place: AddressedPlace | { readonly kind: "s3" }): string | undefined {
  return place.kind === "s3" ? undefined : backendOf(place).directory?.(place);
}
