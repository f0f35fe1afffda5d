"""A lab, and a student's submission of it. The working directory is the top of the repository."""
import hashlib
import os
import subprocess
import sys

from words import slug


class Lab:
    def __init__(self, number):
        self.name, self.number, self.version, self.title, self.folder, self.submit = shell(
            'lab_load "$1"; printf "%s\\n" "$lab" "$number" "$version" "$title" "$folder" "$submit"', number).split('\n')[:6]
        self.submit = self.submit.split()
        with open(self.folder + '/checks.tsv') as f:
            rows = [row.rstrip('\n').split('\t') for row in f if row.strip() and row[0] != '#']
        self.checks = [row[0] for row in rows]
        self.points = sum(int(row[1]) for row in rows)
        self.hash = tree_hash(self.folder, 'labs/code/lib', 'tools/grade', 'tools/confine')

    def written(self, kind, into):
        """kind: solution, or starter"""
        shell('lab_load "$1"; mkdir -p "$3"; if [ -d "$folder/solution" ]; then written "$2" "$folder/solution" "$3";'
              ' else cp -R "$folder/starter/." "$3/"; fi', self.name, kind, into)


def shell(script, *words):
    done = subprocess.run(['sh', '-c', 'set -eu; . tools/lib.sh; . tools/grade/lib.sh; ' + script, 'class', *words],
                          stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(2)
    return done.stdout


def tree_hash(*tops):
    """Of all that has a say in a grade: when it changes, results are no longer of this grader."""
    h = hashlib.sha256()
    for top in tops:
        for folder, folders, names in os.walk(top):
            folders[:] = sorted(f for f in folders if f not in ('mutants', 'others'))
            for name in sorted(names):
                if name.endswith('.md'):
                    continue
                with open(os.path.join(folder, name), 'rb') as f:
                    h.update(('%s\n' % os.path.join(folder, name)).encode() + hashlib.sha256(f.read()).digest())
    return h.hexdigest()


class Student:
    def __init__(self, id):
        self.id, self.slug = id, slug(id)
        self.name = ''
        self.roster = {}
        self.path = self.result = self.late = self.time = None
        self.reasons = []     # why a person should look at it, from what was handed in
        self.files = {}
        self.key = ''

    @property
    def verdict(self):
        if self.reasons:
            return 'suspect'
        if not self.path:
            return 'missing'
        return self.result['verdict'] if self.result else 'error'

    @property
    def why(self):
        if self.reasons or not self.result:
            return self.reasons or ([] if self.verdict == 'missing' else ['not graded yet; see logs/%s' % self.slug])
        return self.result.get('reasons') or ([self.result['reason']] if self.result.get('reason') else [])

    @property
    def score(self):
        return self.result['score'] if self.verdict == 'graded' else None

    @property
    def checks(self):
        return self.result['checks'] if self.result and not self.reasons else []
