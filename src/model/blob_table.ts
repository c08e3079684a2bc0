import type { Place } from "./entry.ts";

/** Id and stored bytes of a blob. */
export type StoredBlob = readonly [id: string, size: number];

/** Numbers blobs in the order of their first use. */
export class BlobTable {
  readonly blobs: StoredBlob[] = [];
  readonly #numbers = new Map<string, number>();

  number(id: string, size: number): number {
    let number = this.#numbers.get(id);
    if (number === undefined) {
      number = this.blobs.push([id, size]) - 1;
      this.#numbers.set(id, number);
    }
    return number;
  }

  place({ blob, blobSize, offset, length, id }: Place): string {
    return `[${this.number(blob, blobSize)},${offset},${length},"${id}"]`;
  }

  places(places: readonly Place[]): string {
    return `[${places.map((place) => this.place(place)).join()}]`;
  }
}
