"""Reads 4 KiB at random places of a file, compares them with the original, and prints how long they took in milliseconds."""
import json, os, random, statistics, sys, time

SIZE = 4096
path, original, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
file, same = os.open(path, os.O_RDONLY), os.open(original, os.O_RDONLY)
os.posix_fadvise(file, 0, 0, os.POSIX_FADV_RANDOM)
pages = os.fstat(file).st_size // SIZE
took = []
for _ in range(count):
    at = random.randrange(pages) * SIZE
    start = time.monotonic()
    found = os.pread(file, SIZE, at)
    took.append(1000 * (time.monotonic() - start))
    assert found == os.pread(same, SIZE, at), f"wrong bytes at {at}"
print(json.dumps({"median": statistics.median(took), "most": max(took)}))
