/** What one scan has met, and how much of that is done. */
export class ScanCounts {
  entriesFound = 0;
  entriesDone = 0;
  bytesFound = 0;
  bytesDone = 0;
  filesRead = 0;
  /** Of the files in its pages: those that were not there before, and those that were other ones. */
  filesNew = 0;
  filesChanged = 0;
}
