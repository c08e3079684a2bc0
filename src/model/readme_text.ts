import { RECOVER_PAGE_NAME } from "./names.ts";

/** What a store says of itself to who finds it. */
export const STORE_README =
  `These are encrypted backups, made by Vaultik. Do not change or move anything in here.

To get files back you need the private key (a line that begins with AGE-SECRET-KEY-). It is not in here.

1. With a browser: open ${RECOVER_PAGE_NAME}, choose this folder or bucket, and give it the key. It works offline, and the key stays in
   the page. Whoever may write in here could have put another page in its place: if others may, take the page
   from the program (vaultik browse --save-page FILE) instead.

2. With the program, on any machine:

       vaultik restore latest /mnt/restored --identity key.txt --storage-url file:///this/folder     (or s3://BUCKET/FOLDER)
       vaultik browse --identity key.txt --storage-url file:///this/folder

3. With neither: everything is made of public formats. A blob below hosts/HOST/blobs is opened by

       age -d -i key.txt < BLOB | zstd -d

   and hosts/HOST/snapshots/ID/snapshot.json.zst.age, opened in the same way, says which blobs the pages are in that list all files. Every
   name of 64 digits is the SHA-256 of the object's bytes, so that sha256sum finds damage without a key.

The machines that write here do not have the private key. Without it no one can read these backups.
`;
