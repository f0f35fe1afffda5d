"""The same result in the forms that others read. A function for each; all give text.

What students will see has the visible checks alone, until RELEASE=1. A submission that a person
has to look at (suspect, error, missing) has no points in any of them, and says so.
"""
import csv
import datetime
import io
import json
import os
from xml.sax.saxutils import escape, quoteattr

from words import cell, line, shown

FAILED = ('FAIL', 'TIMEOUT', 'CRASH', 'BLOCKED', 'GRADER-ERROR')
NOT_ASKED = ('HIDDEN', 'SKIPPED')


def checks_shown(s, release):
    return [c for c in s.checks if c['status'] not in NOT_ASKED and (release or c['visibility'] == 'visible')]


def checks_kept(s, release):
    return [c for c in s.checks if c['status'] not in NOT_ASKED and not release and c['visibility'] != 'visible']


def counted(checks):
    """What a check that this machine cannot run (N.A.) does not cost."""
    return [c for c in checks if c['status'] != 'N.A.']


def points(checks):
    return sum(c['points'] for c in counted(checks))


def most(checks):
    return sum(c['max'] for c in counted(checks))


def waits(s):
    """Words for a submission without a grade; '' for one with."""
    return {'graded': '', 'missing': 'nothing was handed in'}.get(s.verdict, 'not graded yet: a person will look at it')


def about(s, c):
    return shown('%s: %s\n%s' % (c['status'], c['title'], c['message'])).rstrip('\n') + '\n'


def dump(x):
    return json.dumps(x, indent=1) + '\n'


# ---- one file a student --------------------------------------------------------------------

def gradescope(lab, s, release):
    """results.json of an autograder. Hidden checks have no words here before RELEASE=1."""
    tests = [{'name': '%s: %s' % (c['id'], c['title']), 'number': str(i), 'score': c['points'], 'max_score': c['max'],
              'status': 'failed' if c['status'] in FAILED else 'passed', 'output': about(s, c), 'output_format': 'text',
              'visibility': 'visible'} for i, c in enumerate(counted(checks_shown(s, release)), 1)]
    kept = counted(checks_kept(s, release))
    if kept:
        tests.append({'name': 'checks that you will see later', 'number': str(len(tests) + 1), 'score': points(kept),
                      'max_score': most(kept), 'output_format': 'text', 'visibility': 'hidden'})
    result = {'output': waits(s) or '%s, version %s' % (lab.title, lab.version), 'output_format': 'text',
              'stdout_visibility': 'hidden', 'tests': tests if s.verdict == 'graded' else []}
    if s.verdict != 'graded':
        result['score'] = 0       # it must have one; the words say that it is not the grade
    return dump(result)


def autolab(lab, s, release):
    """What the autograder prints; the last line counts. The problems' names are the checks'."""
    scores = {c['id']: c['points'] for c in counted(checks_shown(s, release))} if s.verdict == 'graded' else {}
    words = waits(s) or ''.join(about(s, c) for c in checks_shown(s, release))
    return words.rstrip('\n') + '\n' + json.dumps({'scores': scores, 'scoreboard': [sum(scores.values())]}) + '\n'


def classroom50(lab, s, release):
    """result.json, schema classroom50/result/v1. What is not known here is empty: its workflow fills it in."""
    shown_checks = counted(checks_shown(s, release)) if s.verdict == 'graded' else []
    return dump({
        'schema': 'classroom50/result/v1', 'classroom': os.environ.get('COURSE') or '', 'assignment': lab.name,
        'submission': s.id, 'commit': '', 'release': '', 'review': waits(s),
        'datetime': datetime.datetime.now(datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ'),
        'score': points(shown_checks), 'max-score': most(shown_checks) or lab.points,
        'tests': [{'test-name': c['id'], 'passed': c['status'] == 'PASS', 'score': c['points'], 'max-score': c['max']}
                  for c in shown_checks]})


def prairielearn(lab, s, release):
    """results.json; not gradable: it counts as no attempt."""
    if s.verdict != 'graded':
        return dump({'gradable': False, 'message': waits(s)})
    checks = counted(checks_shown(s, release))
    return dump({
        'gradable': True, 'score': round(points(checks) / most(checks), 4) if checks else 0,
        'message': '%d of %d points' % (points(checks), most(checks)),
        'tests': [{'name': '%s: %s' % (c['id'], c['title']), 'points': c['points'], 'max_points': c['max'],
                   'message': c['status'], 'output': shown(c['message'])} for c in checks]})


def vpl(lab, s, release):
    """Moodle VPL: a line beginning with > is shown as it is, so no line of a student is a command."""
    def harmless(text):
        for sign in ('<|--', '--|>', 'Grade :=>>', 'Comment :=>>'):
            text = text.replace(sign, sign[:2] + ' ' + sign[2:])
        return ''.join('>%s\n' % l for l in text.rstrip('\n').split('\n'))
    out = ''
    for c in checks_shown(s, release):
        out += '<|--\n-%s: %d of %d\n%s--|>\n' % (c['id'], c['points'], c['max'], harmless(about(s, c)))
    if s.verdict != 'graded':
        return '<|--\n%s--|>\n' % harmless(waits(s))
    return out + 'Grade :=>>%d\n' % points(checks_shown(s, release))


def junit(lab, s, release):
    checks = checks_shown(s, release) if s.verdict == 'graded' else []
    count = {k: sum(c['status'] in v for c in checks) for k, v in (
        ('failures', ('FAIL', 'TIMEOUT', 'CRASH')), ('errors', ('GRADER-ERROR',)), ('skipped', ('BLOCKED', 'N.A.')))}
    numbers = 'tests="%d" failures="%d" errors="%d" skipped="%d" time="%.2f"' % (
        len(checks), count['failures'], count['errors'], count['skipped'], sum(c['seconds'] for c in checks))
    out = '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites %s>\n<testsuite name=%s %s>\n' % (
        numbers, quoteattr('%s %s' % (lab.name, line(s.id))), numbers)
    for c in checks:
        out += '<testcase classname=%s name=%s time="%.2f">' % (quoteattr(lab.name), quoteattr(c['id'] + ': ' + c['title']), c['seconds'])
        if c['status'] != 'PASS':
            tag = 'skipped' if c['status'] in ('BLOCKED', 'N.A.') else 'error' if c['status'] == 'GRADER-ERROR' else 'failure'
            kind = '' if tag == 'skipped' else ' type=%s' % quoteattr(c['status'])
            out += '<%s message=%s%s>%s</%s>' % (tag, quoteattr(line(c['status'])), kind, escape(shown(c['message'])), tag)
        out += '</testcase>\n'
    if waits(s):
        out += '<system-out>%s</system-out>\n' % escape(waits(s))
    return out + '</testsuite>\n</testsuites>\n'


def tap(lab, s, release):
    if s.verdict != 'graded':
        return 'TAP version 13\n1..0 # SKIP %s\n' % waits(s)
    checks = checks_shown(s, release)
    out = 'TAP version 13\n1..%d\n' % len(checks)
    for i, c in enumerate(checks, 1):
        skip = {'BLOCKED': ' # SKIP waits for another check', 'N.A.': ' # SKIP not on this machine'}.get(c['status'], '')
        # a skipped one that should have been passed is not ok: some readers count skips as good
        good = 'ok' if c['status'] in ('PASS', 'N.A.') else 'not ok'
        out += '%s %d - %s: %s%s\n' % (good, i, c['id'], line(c['title']).replace('#', '\\#'), skip)
        if c['status'] != 'PASS':
            out += ''.join('# %s\n' % l for l in shown(c['message']).rstrip('\n').split('\n'))
    return out


ONE_EACH = {
    'gradescope': ('.json', gradescope), 'autolab': ('.txt', autolab), 'classroom50': ('.json', classroom50),
    'prairielearn': ('.json', prairielearn), 'vpl': ('.txt', vpl), 'junit': ('.xml', junit), 'tap': ('.tap', tap)}


# ---- one file a class: for the instructor, with the hidden checks' points ------------------

def rows_to_csv(rows):
    out = io.StringIO()
    csv.writer(out, lineterminator='\n').writerows([cell(c) for c in row] for row in rows)
    return out.getvalue()


def gradebook(lab, students):
    rows = [['id', 'name', 'score', 'max', 'verdict', 'late', 'reason'] + lab.checks]
    for s in students:
        of = {c['id']: c['points'] for c in counted(s.checks) if c['status'] not in NOT_ASKED} if s.verdict == 'graded' else {}
        rows.append([s.id, s.name, s.score, s.result['max'] if s.verdict == 'graded' else None, s.verdict, s.late,
                     '; '.join(s.why)] + [of.get(id) for id in lab.checks])
    return rows_to_csv(rows)


def canvas(lab, students):
    """Canvas finds students by its own columns: best from a list that Canvas exported, ROSTER=."""
    number = os.environ.get('CANVAS')
    title = 'Lab %s: %s' % (lab.number, lab.title) + (' (%s)' % number if number else '')
    of = ['Student', 'ID', 'SIS User ID', 'SIS Login ID', 'Section']
    rows = [of + [title], ['Points Possible', '', '', '', '', lab.points]]
    for s in students:
        known = [s.roster.get(k) or '' for k in of]
        if not any(known):
            known = [s.name or s.id, '', '', s.id, '']
        if known[0].strip() != 'Points Possible':
            rows.append(known + [s.score])
    return rows_to_csv(rows)
