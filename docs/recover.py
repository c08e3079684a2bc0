#!/usr/bin/env python3
"""Restores a snapshot from a copy of a bucket with `age`, `zstd`, `openssl`: recover.py BUCKET-DIR SNAPSHOT-ID KEYFILE NEW-TARGET-DIR"""
import base64, glob, hashlib, json, os, re, sqlite3, stat, subprocess, sys, tempfile
bucket, snapshot_id, key_file, target = sys.argv[1:]
SPECIAL = {"fifo": stat.S_IFIFO, "char_device": stat.S_IFCHR, "block_device": stat.S_IFBLK}
scratch, problems, moved, last, plan = tempfile.TemporaryDirectory(), [], {}, None, sqlite3.connect("")  # a database on disk
plan.executescript("create table entry (path primary key, kind, line); create table chunk (blob, offset, size, sha256, path, position)")
def attempt(what, act, *args):
    try: return act(*args) or True
    except Exception as error: problems.append(f"{what!r}: {error}")
# Objects. Whoever wrote the bucket may be hostile: what should be an id becomes a part of a name only if it is one.
def stored(folder, sha256):
    if not re.fullmatch("[0-9a-f]{64}", sha256): raise ValueError("an id is malformed")
    return f"{folder}/{sha256[:2]}/{sha256[2:4]}/{sha256}"
def opened(name, keep="opened"):  # the plain bytes of an object, as a file; those of page blobs are kept
    copy = f"{scratch.name}/{keep}"
    if keep == "opened" or not os.path.exists(copy):
        age = subprocess.Popen(["age", "-d", "-i", key_file, f"{home}/{name}"], stdout=subprocess.PIPE)
        with open(copy, "wb") as out: failed = subprocess.run(["zstd", "-dqc"], stdin=age.stdout, stdout=out).returncode
        if age.wait() or failed: problems.append(f"cannot open {name}")
    return open(copy, "rb")
def part(file, offset, size, sha256):
    file.seek(offset); data = file.read(size)
    if hashlib.sha256(data).hexdigest() != sha256: raise ValueError("a part of it is damaged")
    return data
def place(blob, offset, size, sha256):  # a repair may have put what was in a lost blob elsewhere, also more than once
    return place(*moved[blob, sha256], size, sha256) if (blob, sha256) in moved else (blob, offset, size, sha256)
def page(blobs, number, *where):  # a page or a list: its first line, and the others
    blob, *where = place(blobs[number][0], *where)
    with opened(stored("pages", blob), blob) as file: return list(map(json.loads, part(file, *where).splitlines()))
# The manifest: signed by the host that its directory is named by.
found = glob.glob(f"{glob.escape(bucket)}/hosts/*/snapshots/{glob.escape(snapshot_id)}/manifest.json.zst")
if len(found) != 1: sys.exit(f"{len(found)} hosts have a snapshot {snapshot_id}; copy the directory of one host only")
home = found[0].rsplit("/", 3)[0]; host = os.path.basename(home)
zstd = subprocess.run(["zstd", "-dqc", found[0]], stdout=subprocess.PIPE)
end = re.search(rb',"host_key":"([\w+/]{43}=)"(,"signature":"([\w+/]{86}==)")}$', zstd.stdout)
if not end: sys.exit("the manifest is damaged: it is not signed")
text, key = zstd.stdout[:end.start(2)] + b"}", base64.b64decode(end[1])
if base64.b32encode(hashlib.sha256(key).digest()[:16]).decode().rstrip("=").lower() != host: sys.exit("the manifest is that of another host")
der, signed, signature = (f"{scratch.name}/{name}" for name in ("key", "text", "signature"))
for name, data in (der, bytes.fromhex("302a300506032b6570032100") + key), (signed, text), (signature, base64.b64decode(end[3])): open(name, "wb").write(data)
verify = f"openssl pkeyutl -verify -pubin -keyform DER -inkey {der} -rawin -in {signed} -sigfile {signature}"
try: check = subprocess.run(verify.split(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
except OSError as error: check = subprocess.CompletedProcess([], 1, str(error).encode())
if b"Verification Failure" in check.stdout: sys.exit("the manifest is forged or damaged: its signature does not fit")
if check.returncode: print("NOT CHECKED: the signature of the manifest:", check.stdout.decode(), file=sys.stderr)
manifest, sealed = json.loads(text), f"snapshots/{snapshot_id}/snapshot.json.zst.age"
with open(f"{home}/{sealed}", "rb") as file: attempt(sealed, part, file, 0, -1, manifest["snapshot"]["sha256"]) or sys.exit(problems[0])
for lost, blob, _, *where in manifest.get("relocations", []):
    head, *lines = page([[blob]], 0, *where)
    moved.update({(lost, sha256): (head["blobs"][number][0], offset) for number, offset, _, sha256 in lines})
with opened(sealed) as file: snapshot = json.load(file)
if any((it["id"], it["host"]) != (snapshot_id, host) for it in (manifest, snapshot)): sys.exit("the manifest is that of another snapshot")
# What is to be made: each path once, all of them below the target.
def raw(entry, member): return base64.b64decode(entry[member + "_base64"]) if member + "_base64" in entry else entry[member].encode()
def inside(path):
    if path != b"/" and (path[:1] != b"/" or {b"", b".", b".."} & {*path[1:].split(b"/")}): raise ValueError("its path is malformed")
    return os.fsencode(target) + path
def chunks(head, entry):
    for number, *where in entry.get("chunks", []): yield place(head["blobs"][number][0], *where)
    for row in entry.get("lists", []): first, *lines = page(head["pages"], *row); yield from chunks(first, {"chunks": lines})
def note(head, entry):
    path, kind, position, holes = inside(raw(entry, "path")), entry["kind"], 0, dict(entry.get("holes", []))
    if kind not in {"file", "directory", "symlink", *SPECIAL}: raise ValueError("its kind is not known")
    if {"hardlink", "hardlink_base64"} & {*entry}: kind = "hardlink"
    plan.execute("insert into entry values (?, ?, ?)", (path, kind, json.dumps(entry)))
    for blob, *where in chunks(head, entry) if kind == "file" else []:
        while position in holes: position += holes.pop(position)
        plan.execute("insert into chunk values (?, ?, ?, ?, ?, ?)", (blob, *where, path, position)); position += where[1]
    if kind == "file" and position + sum(holes.values()) != entry["size"]: raise ValueError("a part of it is missing")
def note_page(head, row, act=note):  # or a list of pages, which are each noted
    head, *lines = page(head["blobs"], *row[1:5])
    for line in lines: attempt(line["path"] if "path" in line else "an entry or a page", act, head, line)
# How it is made: symlinks last, so that nothing is ever done through one.
def create(path, kind, entry):
    os.makedirs(path if kind == "directory" else os.path.dirname(path), exist_ok=True)
    if kind in SPECIAL: os.mknod(path, SPECIAL[kind] | 0o600, os.makedev(*entry.get("device", [0, 0])))
    elif kind == "file": open(path, "xb").truncate(entry["size"])
    elif kind == "hardlink": os.link(inside(raw(entry, "hardlink")), path)
    elif kind == "symlink": os.symlink(raw(entry, "target"), path)
def fill(path, position, blob, *where):
    with open(path, "r+b") as file: file.seek(position); file.write(part(blob, *where))
def finish(path, kind, entry):  # owner first, since chown drops setuid and capabilities
    if os.geteuid() == 0: os.lchown(path, entry["uid"], entry["gid"])
    xattrs = entry.get("xattrs", {}) | {base64.b64decode(name): value for name, value in entry.get("xattrs_base64", {}).items()}
    for name in xattrs: os.setxattr(path, name, base64.b64decode(xattrs[name]), follow_symlinks=False)
    if kind != "symlink": os.chmod(path, entry["mode"] & 0o7777)
    os.utime(path, ns=(int(entry["mtime"]),) * 2, follow_symlinks=False)
def each(act, kinds, order="path"):
    for path, kind, line in plan.execute(f"select * from entry where kind {kinds} order by {order}").fetchall():
        if not attempt(os.fsdecode(path), act, path, kind, json.loads(line)) and act is create: plan.execute("delete from entry where path = ?", (path,))
os.mkdir(target, 0o700); [os.removexattr(target, name) for name in os.listxattr(target) if "posix_acl" in name]  # new, and gives no rights
for row in snapshot["page_lists"]: attempt("a list of pages", note_page, {"blobs": snapshot["page_blobs"]}, row, note_page)
for row in snapshot["pages"]: attempt("a page", note_page, {"blobs": snapshot["page_blobs"]}, row)
each(create, "not in ('hardlink', 'symlink')"); each(create, "= 'hardlink'")
for name, *where, path, position in plan.execute("select chunk.* from chunk join entry using (path) order by blob, offset"):
    if name != last: last, blob = name, attempt(name, lambda: opened(stored("blobs", name)))  # each is opened once
    attempt(os.fsdecode(path), fill, path, position, blob, *where)
each(create, "= 'symlink'"); each(finish, "<> 'hardlink'", "path desc")  # children before their directories
sys.exit("\n".join(problems) or None)
