"""What runs tools/class/one for each submission: this machine, many hosts, a cluster."""
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

JOBS = int(os.environ.get('JOBS') or 0) or os.cpu_count() or 1


# ---- progress ------------------------------------------------------------------------------

def clock(seconds):
    seconds = int(seconds + 0.5)
    return '%d:%02d:%02d' % (seconds // 3600, seconds // 60 % 60, seconds % 60) if seconds >= 3600 else '%d:%02d' % divmod(seconds, 60)


class Progress:
    """A line that is written again on a terminal, and elsewhere a new one every ten seconds."""

    def __init__(self, of):
        self.of, self.began, self.told, self.tty = of, time.monotonic(), 0, sys.stderr.isatty()

    def tell(self, done, end=False):
        now = time.monotonic()
        if not self.tty and not end and now - self.told < 10:
            return
        self.told = now
        left = (now - self.began) / done * (self.of - done) if done else 0
        words = '%d of %d graded, %s' % (done, self.of, ('%s left' % clock(left) if done < self.of and done else
                                                        'in %s' % clock(now - self.began)))
        if self.tty:
            width = 30 * done // self.of
            sys.stderr.write('\r\033[K[%s%s] %s' % ('#' * width, ' ' * (30 - width), words) + ('\n' if end else ''))
        else:
            sys.stderr.write(words + '\n')
        sys.stderr.flush()


# ---- this machine --------------------------------------------------------------------------

def local(lab, out, todo):
    """True: stopped by Ctrl-C, or by SIGTERM."""
    running, stopped = set(), []

    def stop(*_):
        stopped.append(True)
        for child in list(running):
            try:
                os.killpg(child.pid, signal.SIGTERM)
            except ProcessLookupError:
                pass

    def one(s):
        if stopped:
            return
        child = subprocess.Popen(['tools/class/one', out, lab.name, s.slug], start_new_session=True, stdin=subprocess.DEVNULL)
        running.add(child)
        if stopped:
            child.terminate()
        child.wait()
        running.discard(child)

    before = {n: signal.signal(n, stop) for n in (signal.SIGINT, signal.SIGTERM)}
    progress = Progress(len(todo))
    with ThreadPoolExecutor(JOBS) as pool:
        progress.tell(0)
        for done, _ in enumerate(as_completed([pool.submit(one, s) for s in todo]), 1):
            if not stopped:
                progress.tell(done, done == len(todo))
    for n, action in before.items():
        signal.signal(n, action)
    return bool(stopped)


def run(engine, lab, out, todo):
    if not todo:
        return False
    built = subprocess.run(['sh', '-c', '. tools/lib.sh; . tools/grade/lib.sh; lab_load "$1"; helper grade confine; judge_build; sanitizers || :',
                            'class', lab.name])
    if built.returncode:
        sys.exit(2)
    os.environ['LAB_BUILT'] = '1'
    if engine not in ENGINES:
        print('class: there is no engine %s; there are: %s' % (engine, ' '.join(ENGINES)), file=sys.stderr)
        sys.exit(2)
    return ENGINES[engine](lab, out, todo)


ENGINES = {'local': local}
