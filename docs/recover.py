#!/usr/bin/env python3
"""Restores a snapshot from a copy of a bucket with `age` and `zstd`: recover.py BUCKET-DIR SNAPSHOT-ID KEYFILE TARGET"""
import base64, hashlib, json, os, sqlite3, stat, subprocess, sys, tempfile
bucket, snapshot_id, key_file, target = sys.argv[1:]
SPECIAL = {"fifo": stat.S_IFIFO, "char_device": stat.S_IFCHR, "block_device": stat.S_IFBLK}
scratch, problems, moved, plan = tempfile.TemporaryDirectory(), [], {}, sqlite3.connect("")
def opened(name, keep=None):  # an object's plain bytes as a file; those of pages are kept, blobs come one after the other
    copy = f"{scratch.name}/{keep or 'opened'}"
    if not (keep and os.path.exists(copy)):
        age = subprocess.Popen(["age", "-d", "-i", key_file, f"{bucket}/{name}"], stdout=-1)
        with open(copy, "wb") as out: zstd = subprocess.run(["zstd", "-dqc"], stdin=age.stdout, stdout=out)
        if zstd.returncode or age.wait(): problems.append(f"cannot open {name}")
    return open(copy, "rb")
def checked(what, file, offset, size, sha256):
    file.seek(offset); data = file.read(size)
    return data if hashlib.sha256(data).hexdigest() == sha256 else problems.append(f"{what} is damaged") or b""
def stored(folder, sha256): return f"{folder}/{sha256[:2]}/{sha256[2:4]}/{sha256}"
def now(blob, offset, size, sha256):  # a repair may have put a chunk of a lost blob elsewhere
    return now(*moved[blob, sha256], size, sha256) if (blob, sha256) in moved else (blob, offset, size, sha256)
def page(blobs, number, *where):  # its first line and the others
    blob, *where = now(blobs[number], *where)
    with opened(stored("pages", blob), blob) as file: return list(map(json.loads, checked("a page", file, *where).splitlines() or ["{}"]))
def raw(entry, member): return base64.b64decode(entry[member + "_base64"]) if member + "_base64" in entry else entry[member].encode()
def place(path): return os.fsencode(target) + os.path.normpath(b"/" + path.lstrip(b"/"))
def chunks(entry, head):
    for number, *chunk in entry.get("chunks", []): yield now(head["blobs"][number], *chunk)
    for part in entry.get("lists", []):
        first, *lines = page(head["pages"], *part); yield from chunks({"chunks": lines}, first)
def create(entry, path, head):
    os.makedirs(path if entry["kind"] == "directory" else os.path.dirname(path), exist_ok=True)
    if entry["kind"] in SPECIAL: os.mknod(path, SPECIAL[entry["kind"]] | 0o600, os.makedev(*entry.get("device", [0, 0])))
    elif {"hardlink", "hardlink_base64"} & entry.keys(): os.link(place(raw(entry, "hardlink")), path)
    elif entry["kind"] == "file":
        open(path, "xb").truncate(entry["size"]); position, holes = 0, dict(entry.get("holes", []))
        for blob, offset, size, sha256 in chunks(entry, head):
            while position in holes: position += holes[position]
            plan.execute("insert into chunk values (?, ?, ?, ?, ?, ?)", (blob, offset, size, sha256, path, position)); position += size
def fill(last=None):  # blob by blob, so that each is opened once
    for name, offset, size, sha256, path, position in plan.execute("select * from chunk order by blob, offset"):
        if name != last: last, blob = name, opened(stored("blobs", name))
        with open(path, "r+b") as file: file.seek(position); file.write(checked(os.fsdecode(path), blob, offset, size, sha256))
def mark(entry, path, head):  # owner first, since chown drops setuid and capabilities
    if entry["kind"] == "symlink": os.symlink(raw(entry, "target"), path)
    if os.geteuid() == 0: os.lchown(path, entry["uid"], entry["gid"])
    xattrs = entry.get("xattrs", {}) | {base64.b64decode(name): value for name, value in entry.get("xattrs_base64", {}).items()}
    for name in xattrs: os.setxattr(path, name, base64.b64decode(xattrs[name]), follow_symlinks=False)
def finish(entry, path, head):
    if entry["kind"] != "symlink": os.chmod(path, entry["mode"])
    os.utime(path, ns=(int(entry["mtime"]),) * 2, follow_symlinks=False)
def each(act, step):
    for _, *where, _ in snapshot["pages"][::step]:
        head, *lines = page(snapshot["page_blobs"], *where)
        for entry in lines[::step]:
            try: act(entry, place(raw(entry, "path")), head)
            except OSError as error: problems.append(f"{os.fsdecode(raw(entry, 'path'))}: {error}")
zstd = subprocess.run(["zstd", "-dqc", f"{bucket}/metadata/{snapshot_id}/manifest.json.zst"], stdout=-1)
for lost, *where in json.loads(zstd.stdout or "{}").get("relocations", []):
    head, *lines = page(where[:1], 0, *where[1:]); moved.update({(lost, sha256): (head["blobs"][number], offset) for number, offset, size, sha256 in lines})
with opened(f"metadata/{snapshot_id}/snapshot.json.zst.age") as file: snapshot = json.load(file)
plan.execute("create table chunk (blob, offset, size, sha256, path, position)"); each(create, 1); fill(); each(mark, 1); each(finish, -1); sys.exit("\n".join(problems) or None)  # -1: children before their directories
