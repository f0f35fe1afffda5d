"""Pairs of submissions that look alike, found by sim_c: it sees through names, layout and comments.

What the lab gives to all students is taken out first. A pair is no proof: read both files.
"""
import os
import re
import shutil
import subprocess

from words import line

LEAST = int(os.environ.get('SIMILAR') or 40)   # percent of the shorter one


def bare(text):
    return ''.join(text.split())


def given(lab, scratch):
    """The lines of the starter, without white space."""
    lab.written('starter', scratch)
    lines = set()
    for name in lab.submit:
        with open(os.path.join(scratch, name), encoding='utf-8', errors='replace') as f:
            lines.update(map(bare, f))
    return {l for l in lines if re.search(r'\w', l)}


def own_code(files, known):
    text = b'\n'.join(data for _, data in sorted(files.items())).decode('utf-8', 'replace')
    return '\n'.join(l for l in text.split('\n') if bare(l) not in known) + '\n'


def pairs(lab, students, out):
    """[(percent, a, b)], the most alike first; None: sim_c is not installed. b may be a word: "the solution"."""
    if not shutil.which('sim_c'):
        return None
    scratch = os.path.join(out, '.similar')
    shutil.rmtree(scratch, ignore_errors=True)
    known = given(lab, os.path.join(scratch, 'starter'))
    names = {}
    for s in students:
        if s.files:
            names['s%d.c' % len(names)] = (s, own_code(s.files, known))
    if os.path.isdir(os.path.join(lab.folder, 'solution')):
        lab.written('solution', os.path.join(scratch, 'solution'))
        files = {}
        for name in lab.submit:
            with open(os.path.join(scratch, 'solution', name), 'rb') as f:
                files[name] = f.read()
        names['solution.c'] = ('the solution', own_code(files, known))
    for name, (_, code) in names.items():
        with open(os.path.join(scratch, name), 'w', encoding='utf-8') as f:
            f.write(code)
    done = subprocess.run(['sim_c', '-p', '-e', '-s', '-T', '-t', str(LEAST), *names], cwd=scratch, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True)
    shutil.rmtree(scratch)
    best = {}
    for a, percent, b in re.findall(r'^(\S+) consists for (\d+) % of (\S+) material', done.stdout, re.M):
        pair = tuple(sorted((a, b), key=list(names).index))
        best[pair] = max(best.get(pair, 0), int(percent))
    return sorted(((p, names[a][0], names[b][0]) for (a, b), p in best.items()), key=lambda t: -t[0])


def name_of(x):
    return x if isinstance(x, str) else x.id


def table(found):
    if found is None:
        return 'sim_c is not installed: sudo apt-get install similarity-tester\n'
    return 'percent\tone\tother\n' + ''.join('%d\t%s\t%s\n' % (p, line(name_of(a)), line(name_of(b))) for p, a, b in found)
