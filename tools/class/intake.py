"""What students handed in: folders, archives, single files -> the files of submit=, and nothing else.

Archives are read, never unpacked: of their members only those are taken whose name is one of the
lab's files, as bytes, up to a size. So no path, no link and no device of an archive ever reaches
the disk. What no student does by accident is a Problem: a person looks at it.
"""
import errno
import gzip
import os
import re
import stat
import tarfile
import zipfile

FILE_MOST = 262144         # as in tools/grade/lib.sh; one byte more, and grading says "too large"
ARCHIVE_MOST = 16 << 20    # on disk
UNPACKED_MOST = 32 << 20   # what a compressed tar may become
MEMBERS_MOST = 10000
DEPTH_MOST = 6
ARCHIVES = ('.zip', '.tar.gz', '.tgz', '.tar')


class Problem(Exception):
    pass


# ---- which of many files are meant ---------------------------------------------------------

def leads_out(path):
    return path.startswith('/') or re.match(r'[A-Za-z]:', path) or '..' in path.split('/')


def choose(found, wanted):
    """found: path -> anything. The folder with most of the wanted files, nearest to the top."""
    folders = {}
    for path in found:
        folder, _, name = path.rpartition('/')
        if name in wanted:
            folders.setdefault(folder, []).append(name)
    order = sorted(folders, key=lambda f: (-len(folders[f]), f.count('/') if f else -1))
    if not order:
        return {}
    best = [f for f in order if len(folders[f]) == len(folders[order[0]]) and f.count('/') == order[0].count('/')
            and bool(f) == bool(order[0])]
    if len(best) > 1:
        raise Problem('two folders could be the one that is meant: %s and %s' % (best[0], best[1]))
    return {name: found[best[0] + '/' + name if best[0] else name] for name in folders[best[0]]}


def ignored(path):
    return any(part in ('__MACOSX', '.git') or part.startswith('._') for part in path.split('/'))


# ---- archives ------------------------------------------------------------------------------

class Limited:
    """A stream that ends in a Problem when it gives more than it may."""

    def __init__(self, stream, most):
        self.stream, self.left = stream, most

    def read(self, n=-1):
        data = self.stream.read(min(n, self.left + 1) if n >= 0 else self.left + 1)
        self.left -= len(data)
        if self.left < 0:
            raise Problem('the archive unpacks to more than %d MiB' % (UNPACKED_MOST >> 20))
        return data


def member(found, path, regular, data, wanted):
    path = re.sub(r'^(\./)+', '', path.replace('\\', '/'))
    if leads_out(path):
        raise Problem('the archive has a file that leads out of its folder: ' + path)
    if ignored(path) or path.rpartition('/')[2] not in wanted:
        return
    if not regular:
        raise Problem('%s is a link or a device, not a file' % path)
    if path in found:
        raise Problem('the archive has %s twice' % path)
    found[path] = data()


def read_zip(stream, wanted):
    found = {}
    with zipfile.ZipFile(stream) as z:
        if len(z.infolist()) > MEMBERS_MOST:
            raise Problem('the archive has more than %d files' % MEMBERS_MOST)
        for info in z.infolist():
            if info.is_dir():
                continue

            def data(info=info):
                if info.flag_bits & 1:
                    raise Problem('the archive has a password')
                if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise Problem('the archive is compressed in a way that is not read here')
                with z.open(info) as f:
                    return f.read(FILE_MOST + 1)
            kind = stat.S_IFMT(info.external_attr >> 16)
            member(found, info.filename, kind in (0, stat.S_IFREG), data, wanted)
    return found


def read_tar(stream, wanted, packed):
    found = {}
    limited = Limited(gzip.GzipFile(fileobj=stream) if packed else stream, UNPACKED_MOST)
    with tarfile.open(fileobj=limited, mode='r|') as t:
        for count, m in enumerate(t):
            if count >= MEMBERS_MOST:
                raise Problem('the archive has more than %d files' % MEMBERS_MOST)
            if not m.isdir():
                member(found, m.name, m.isreg() and not m.issparse(), lambda m=m: t.extractfile(m).read(FILE_MOST + 1), wanted)
    return found


def read_archive(name, stream, wanted):
    if os.fstat(stream.fileno()).st_size > ARCHIVE_MOST:
        raise Problem('the archive is larger than %d MiB' % (ARCHIVE_MOST >> 20))
    try:
        found = read_zip(stream, wanted) if name.endswith('.zip') else read_tar(stream, wanted, not name.endswith('.tar'))
    except Problem:
        raise
    except Exception as e:      # of what a hostile archive can do to the reader, any kind
        raise Problem('the archive cannot be read: %s' % (e or type(e).__name__))
    return choose(found, wanted)


# ---- the disk ------------------------------------------------------------------------------

def open_file(path):
    """A regular file, and no link; not even a fifo, which would wait for a writer."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as e:
        raise Problem('%s %s' % (os.path.basename(path), 'is a link or a device, not a file' if e.errno == errno.ELOOP
                                 else 'cannot be read: ' + e.strerror))
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise Problem('%s is a link or a device, not a file' % os.path.basename(path))
    return os.fdopen(fd, 'rb')


def read_file(path):
    with open_file(path) as f:
        return f.read(FILE_MOST + 1)


def read_folder(top, wanted):
    found, archives, count = {}, [], 0
    for folder, folders, names in os.walk(top):       # does not follow links
        inside = os.path.relpath(folder, top)
        inside = '' if inside == '.' else inside + '/'
        folders[:] = sorted(f for f in folders if not ignored(f)) if inside.count('/') < DEPTH_MOST else []
        count += len(names)
        if count > MEMBERS_MOST:
            raise Problem('the folder has more than %d files' % MEMBERS_MOST)
        for name in names:
            if name in wanted and not ignored(inside + name):
                found[inside + name] = os.path.join(folder, name)
            elif name.endswith(ARCHIVES):
                archives.append(os.path.join(folder, name))
        for name in folders:
            if name in wanted:
                raise Problem('%s is a folder, not a file' % name)
    if not found and len(archives) == 1:              # as learning platforms download them
        with open_file(archives[0]) as f:
            return read_archive(archives[0], f, wanted)
    return {name: read_file(path) for name, path in choose(found, wanted).items()}


# ---- one student ---------------------------------------------------------------------------

def student_of(entry):
    """The student's id, from the name of what was handed in."""
    for end in ARCHIVES + ('.c',):
        if entry.endswith(end) and len(entry) > len(end):
            return entry[:-len(end)]
    return entry


def take(path, wanted):
    """The files of one submission: name -> bytes."""
    if os.path.islink(path):
        raise Problem('it is a link')
    if os.path.isdir(path):
        return read_folder(path, wanted)
    with open_file(path) as f:
        if path.endswith(ARCHIVES):
            return read_archive(path, f, wanted)
        if path.endswith('.c'):
            return {next(w for w in wanted if w.endswith('.c')): f.read(FILE_MOST + 1)}
    raise Problem('neither a folder, nor .zip, .tar.gz, .tar or .c')
