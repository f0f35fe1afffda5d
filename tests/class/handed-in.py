#!/usr/bin/env python3
"""handed-in.py FOLDER   a class, the good and the hostile; prints "id<tab>verdict score<tab>reason" as it should be

handed-in.py --some FOLDER half folder   those two alone
"""
import gzip
import io
import os
import sys
import tarfile
import zipfile

some = sys.argv[3:] if sys.argv[1] == '--some' else None
top = sys.argv[2 if some else 1]
GOOD = {'answer.c': b'#include "answer.h"\nconst char *answer(int line) { return line > 0 ? "SOLUTIONWORD" : ""; }\n', 'own.h': b'\n'}
HALF = dict(GOOD, **{'answer.c': b'#include "answer.h"\nconst char *answer(int line) { return line < 2 ? "SOLUTIONWORD" : '
                                 b'"<script>x</script>\\x1b[31m--|> Grade :=>>100 \\xe2\\x80\\xae ]]> # ok 9"; }\n'})
LONG = b''.join(b'int f%d(int a, int b) { int sum = a %% %d; for (int i = %d; i < b; i++) sum += i * a - b; return sum; }\n' % (i, i + 2, i)
                for i in range(40))


def expect(id, what, reason=''):
    print('%s\t%s\t%s' % (id.replace('\n', '\\n'), what, reason))


def folder(id, files, inside=''):
    os.makedirs(os.path.join(top, id, inside))
    for name, data in files.items():
        with open(os.path.join(top, id, inside, name), 'wb') as f:
            f.write(data)


def zipped(id, members, symlink=None, flag=0):
    with zipfile.ZipFile(os.path.join(top, id + '.zip'), 'w', zipfile.ZIP_DEFLATED) as z:
        for name, data in members:
            info = zipfile.ZipInfo(name)
            info.external_attr = (0o120777 if name == symlink else 0o100644) << 16
            z.writestr(info, data, zipfile.ZIP_DEFLATED)
    if flag:
        with open(os.path.join(top, id + '.zip'), 'r+b') as f:
            data = f.read()
            at = data.index(b'PK\1\2') + 8
            f.seek(at)
            f.write(b'\1')


def tarred(id, members, end='.tar.gz'):
    """members: (name, bytes), or (name, kind of tarfile, link)"""
    with tarfile.open(os.path.join(top, id + end), 'w:gz' if end != '.tar' else 'w') as t:
        for name, *what in members:
            info = tarfile.TarInfo(name)
            if isinstance(what[0], bytes) and len(what) == 1:
                info.size = len(what[0])
                t.addfile(info, io.BytesIO(what[0]))
            else:
                info.type, info.linkname = what
                t.addfile(info)


if some:
    for name in some:
        folder(name, {'half': HALF, 'folder': GOOD}[name])
    sys.exit()
good = list(GOOD.items())
# ---- as students do it
folder('folder', GOOD)
expect('folder', 'graded 100')
folder('deeper', GOOD, 'lab3/src')
expect('deeper', 'graded 100')
zipped('zip', good + [('__MACOSX/._answer.c', b'x'), ('build/tiny', b'x')])
expect('zip', 'graded 100')
zipped('windows', [('lab3\\' + n, d) for n, d in good])
expect('windows', 'graded 100')
tarred('targz', [('./x/' + n, d) for n, d in good])
expect('targz', 'graded 100')
tarred('tar', good, '.tar')
expect('tar', 'graded 100')
with open(os.path.join(top, 'single.c'), 'wb') as f:
    f.write(GOOD['answer.c'])
expect('single', 'graded 100')
os.makedirs(os.path.join(top, 'platform_1234_file'))
zipped('platform_1234_file/answer', good)
expect('platform_1234_file', 'graded 100')
folder('half', HALF)
expect('half', 'graded 52')
folder('none', {})
expect('none', 'graded 0')
folder('copied', {'answer.c': LONG, 'own.h': b'\n'})
expect('copied', 'graded 0')
folder('copy', {'answer.c': LONG.replace(b'sum', b'total').replace(b'; ', b';\n\t/* mine */ '), 'own.h': b'\n'})
expect('copy', 'graded 0')
folder('large', dict(GOOD, **{'own.h': b' ' * 300000}))
expect('large', 'graded 0')
# ---- names
for id in ('=HYPERLINK("x")', '<b>&"\'', 'a\nb\x1b[31m', '-rf', '\u202eabc', '＝1'):
    folder(id, {})
    expect(id, 'graded 0')
# ---- as it does not happen by accident
zipped('zip-out', good + [('../../out', b'x')])
expect('zip-out', 'suspect', 'leads out')
zipped('zip-out-windows', good + [('..\\out', b'x')])
expect('zip-out-windows', 'suspect', 'leads out')
zipped('zip-absolute', [('/tmp/answer.c', b'x')])
expect('zip-absolute', 'suspect', 'leads out')
zipped('zip-link', [('answer.c', b'/etc/passwd'), good[1]], symlink='answer.c')
expect('zip-link', 'suspect', 'answer.c is a link')
zipped('zip-password', good, flag=1)
expect('zip-password', 'suspect', 'password')
zipped('zip-two', [('a/answer.c', b'x'), ('b/answer.c', b'y')])
expect('zip-two', 'suspect', 'two folders')
zipped('zip-many', [('%d' % i, b'') for i in range(10001)])
expect('zip-many', 'suspect', 'more than 10000')
tarred('tar-out', [('../answer.c', b'x')])
expect('tar-out', 'suspect', 'leads out')
tarred('tar-link', [('answer.c', tarfile.SYMTYPE, '/etc/passwd')])
expect('tar-link', 'suspect', 'answer.c is a link')
tarred('tar-hard', [('own.h', b''), ('answer.c', tarfile.LNKTYPE, '../../labs/code/03-tiny/solution/answer.c')])
expect('tar-hard', 'suspect', 'answer.c is a link')
tarred('tar-fifo', [('answer.c', tarfile.FIFOTYPE, '')])
expect('tar-fifo', 'suspect', 'device')
tarred('tar-twice', good + good)
expect('tar-twice', 'suspect', 'twice')
with gzip.open(os.path.join(top, 'bomb.tar.gz'), 'wb', 9) as f:
    info = tarfile.TarInfo('x')
    info.size = 1 << 40
    f.write(info.tobuf())
    for i in range(34):
        f.write(bytes(1 << 20))
expect('bomb', 'suspect', 'unpacks to more')
for id, data in (('broken.zip', b'PK\3\4nothing'), ('broken-gz.tar.gz', b'\x1f\x8b\x08nothing')):
    with open(os.path.join(top, id), 'wb') as f:
        f.write(data)
    expect(id.partition('.')[0], 'suspect', 'cannot be read')
os.symlink('folder', os.path.join(top, 'linked'))
expect('linked', 'suspect', 'a link')
folder('link-inside', {'own.h': b''})
os.symlink('/etc/passwd', os.path.join(top, 'link-inside/answer.c'))
expect('link-inside', 'suspect', 'answer.c is a link')
folder('fifo', {})
os.mkfifo(os.path.join(top, 'fifo/answer.c'))
expect('fifo', 'suspect', 'device')
folder('folder-file', {}, 'answer.c')
expect('folder-file', 'suspect', 'a folder, not a file')
folder('twice', GOOD)
zipped('twice', good)
expect('twice', 'suspect', 'handed in twice')
with open(os.path.join(top, 'letter.pdf'), 'wb') as f:
    f.write(b'%PDF')
expect('letter.pdf', 'suspect', 'neither')
