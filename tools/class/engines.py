"""What runs tools/class/one for each submission: this machine, many hosts, a cluster."""
import hashlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

JOBS = int(os.environ.get('JOBS') or 0) or 4 * (os.cpu_count() or 1)  # most of a check is waiting


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


def prepare(lab):
    """What every submission needs is built once."""
    built = subprocess.run(['sh', '-c', 'set -eu; . tools/lib.sh; . tools/grade/lib.sh; lab_load "$1"; helper grade confine; judge_build; sanitizers || :',
                            'class', lab.name])
    if built.returncode:
        sys.exit(2)
    os.environ['LAB_BUILT'] = '1'


# ---- other machines ------------------------------------------------------------------------

ROUNDS = 3      # what has no result after a round is tried again: a host may have been lost


def without_result(out, todo):
    return [s for s in todo if not os.path.exists('%s/results/%s.key' % (out, s.slug))]


def need(*commands):
    for command in commands:
        if not shutil.which(command):
            print('class: this engine needs %s' % command, file=sys.stderr)
            sys.exit(2)


def watched(command, out, todo, collect=lambda: None, **more):
    """Runs COMMAND, and tells how many results are there; True: stopped."""
    child, stopped = subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL, **more), []

    def stop(*_):
        stopped.append(True)
        child.send_signal(signal.SIGTERM)
    before = {n: signal.signal(n, stop) for n in (signal.SIGINT, signal.SIGTERM)}
    progress, was = Progress(len(todo)), -1
    while child.poll() is None:
        collect()
        done = len(todo) - len(without_result(out, todo))
        if done != was and done < len(todo):
            was = done
            progress.tell(done)
        time.sleep(0.5)
    collect()
    progress.tell(len(todo) - len(without_result(out, todo)), True)
    for n, action in before.items():
        signal.signal(n, action)
    return bool(stopped)


def bundle(lab, out):
    """The grader as a file, and the folder below the home of another host in which it is unpacked."""
    path = os.path.join(out, 'grader.tar.gz')
    subprocess.run(['tools/class/bundle', lab.name, path], check=True)
    with open(path, 'rb') as f:
        return path, '.cache/lab-grader/' + hashlib.sha256(f.read()).hexdigest()[:16]


def settings():
    return ['%s=%s' % (k, os.environ[k]) for k in ('COURSE', 'TERM_NAME', 'LAB_LIMIT', 'JUDGES', 'LAB_ISOLATION') if os.environ.get(k)]


def pack(out, work, batches):
    """batches/N.in.tar: what a host needs for some submissions at a time"""
    for n, batch in enumerate(batches):
        with tarfile.open('%s/%d.in.tar' % (work, n), 'w') as t:
            for s in batch:
                t.add('%s/todo/%s' % (out, s.slug), 'todo/' + s.slug)
                t.add('%s/submissions/%s' % (out, s.slug), 'submissions/' + s.slug)


def unpack(out, work, batches):
    """Of what has come back, the results of those who were asked for; the key comes last."""
    for n, batch in enumerate(batches):
        path = '%s/%d.out.tar' % (work, n)
        if not os.path.exists(path):
            continue
        with tarfile.open(path) as t:
            for s in batch:
                for name in ('logs/' + s.slug, 'results/%s.json' % s.slug, 'results/%s.key' % s.slug):
                    if name in t.getnames():
                        with open('%s/%s~' % (out, name), 'wb') as f:
                            f.write(t.extractfile(name).read())
                        os.replace('%s/%s~' % (out, name), '%s/%s' % (out, name))
        os.remove(path)


def settle(hosts, path, grader, home, lab):
    """The grader goes to each host, once; the lines of those where it is ready are written to PATH."""
    with open(hosts) as f:
        lines = [l.strip() for l in f if l.strip() and not l.startswith('#')]
    script = ('set -e; mkdir -p .cache/lab-grader; cd .cache/lab-grader; at=$(mktemp -d new.XXXXXX); cat >"$at/grader.tar.gz"; cd "$at"; '
              'tar -xzf grader.tar.gz tools/class/unbundle; sh tools/class/unbundle grader.tar.gz "$HOME"/%s %s >&2; cd ..; rm -r "$at"' % (home, lab.name))
    asked = []
    for l in lines:
        login = l.partition('/')[2] if re.match(r'\d+/', l) else l      # JOBS/LOGIN; a login is a name, or all of the command
        command = shlex.split(login) if ' ' in login else ['ssh', '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=20', login]
        with open(grader, 'rb') as f:
            asked.append(subprocess.Popen(command + ['cd; ' + script], stdin=f))
    good = [l for l, child in zip(lines, asked) if child.wait() == 0]
    for l in lines:
        if l not in good:
            print('class: does not answer, or cannot grade; left out: ' + l, file=sys.stderr)
    if not good:
        print('class: no host of %s can grade' % hosts, file=sys.stderr)
        sys.exit(2)
    with open(path, 'w') as f:
        f.writelines(l + '\n' for l in good)


def parallel(lab, out, todo):
    """GNU parallel on the hosts of HOSTS=file: [JOBS/]ssh-name a line, as its --sshloginfile takes them."""
    need('parallel', 'rsync', 'ssh')
    hosts = os.environ.get('HOSTS')
    if not hosts or not os.path.isfile(hosts):
        print('class: on which hosts? HOSTS=file, a line each: [JOBS/]NAME-FOR-SSH', file=sys.stderr)
        sys.exit(2)
    grader, home = bundle(lab, out)
    alive = os.path.join(out, 'hosts')
    ours = ['parallel', '--sshloginfile', alive]
    work = os.path.join(out, 'batches')
    for _ in range(ROUNDS):
        left = without_result(out, todo)
        if not left:
            break
        settle(hosts, alive, grader, home, lab)
        size = max(1, min(16, len(left) // 16))
        batches = [left[i:i + size] for i in range(0, len(left), size)]
        shutil.rmtree(work, ignore_errors=True)
        os.makedirs(work)
        pack(out, work, batches)
        grade = ' '.join(['env'] + [shlex.quote(x) for x in settings()] + ['"$HOME"/%s/tools/class/batch' % home, '{}', lab.name])
        with open(os.path.join(work, 'list'), 'w') as f:
            f.writelines('%d\n' % n for n in range(len(batches)))
        stopped = watched(ours + ['--workdir', '...', '--cleanup', '--retries', '4', '--joblog', '+' + os.path.join(out, 'jobs.log'),
                                  '--transferfile', '{}.in.tar', '--return', '{}.out.tar', '--arg-file', 'list', grade],
                          out, todo, lambda: unpack(out, work, batches), cwd=work)
        if stopped:
            return True
    shutil.rmtree(work, ignore_errors=True)
    return False


def slurm(lab, out, todo):
    """An array job; OUT and this folder are on a file system that all nodes see. SLURM=options of sbatch."""
    need('sbatch', 'scancel')
    for _ in range(ROUNDS):
        left = without_result(out, todo)
        if not left:
            break
        with open(os.path.join(out, 'left'), 'w') as f:
            f.writelines(s.slug + '\n' for s in left)
        script = '#!/bin/sh\nexec tools/class/one %s %s "$(sed -n "$((SLURM_ARRAY_TASK_ID + 1))p" %s)"\n' % (
            shlex.quote(out), lab.name, shlex.quote(os.path.join(out, 'left')))
        with open(os.path.join(out, 'job.sh'), 'w') as f:
            f.write(script)
        if watched(['sbatch', '--wait', '--requeue', '--job-name', 'lab-' + lab.name, '--array', '0-%d' % (len(left) - 1), '--chdir', os.getcwd(),
                    '--output', os.path.join(out, 'logs', 'slurm-%a'), '--export', 'ALL'] + shlex.split(os.environ.get('SLURM', '')) +
                   [os.path.join(out, 'job.sh')], out, todo):
            subprocess.run(['scancel', '--name', 'lab-' + lab.name])
            return True
    return False


def only_list(lab, out, todo):
    """OUT/left, a student a line, for an engine of your own: it runs tools/class/one OUT LAB STUDENT for each."""
    with open(os.path.join(out, 'left'), 'w') as f:
        f.writelines(s.slug + '\n' for s in todo)
    print('%s: %d submissions; when tools/class/one has graded them, run this again without ENGINE=' % (f.name, len(todo)), file=sys.stderr)
    return True


ENGINES = {'local': local, 'parallel': parallel, 'slurm': slurm, 'list': only_list}


def run(engine, lab, out, todo):
    """True: stopped before all was graded."""
    if engine not in ENGINES:
        print('class: there is no engine %s; there are: %s' % (engine, ' '.join(ENGINES)), file=sys.stderr)
        sys.exit(2)
    if not todo:
        return False
    prepare(lab)
    return ENGINES[engine](lab, out, todo)
