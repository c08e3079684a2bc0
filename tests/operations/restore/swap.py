"""As another user, swaps a path for a symbolic link and back, as fast as it can, until its input ends; prints how often.

Usage: swap.py PATH LINK-TARGET
"""
import os
import sys
import threading

UNPRIVILEGED = 65534
os.setgroups([])
os.setgid(UNPRIVILEGED)
os.setuid(UNPRIVILEGED)

path, outside = sys.argv[1:3]
real = path + ".real"
ended = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()

rounds = 0
while not ended.is_set():
    try:
        os.rename(path, real)
        os.symlink(outside, path)
        rounds += 1
    except OSError:
        pass
    try:
        if os.path.islink(path):
            os.unlink(path)
        if os.path.exists(real) and not os.path.lexists(path):
            os.rename(real, path)
    except OSError:
        pass
print(rounds)
