#!/usr/bin/env python3
"""shapes.py EXPORT   are the exports what those who import them have documented?"""
import csv
import json
import re
import sys
import xml.etree.ElementTree as tree

top = sys.argv[1]


def read(path):
    with open('%s/%s' % (top, path), encoding='utf-8', newline='') as f:
        return f.read()


def shape(value, of, where):
    """of: a type, a set of values, a list of one shape, a dict of shapes; a key with ? may be missing."""
    if isinstance(of, dict):
        assert isinstance(value, dict), where
        for key, kind in of.items():
            assert key.endswith('?') or key in value, '%s has no %s' % (where, key)
            if key.rstrip('?') in value:
                shape(value[key.rstrip('?')], kind, where + '.' + key)
        extra = set(value) - {k.rstrip('?') for k in of}
        assert not extra, '%s has %s, which is not documented' % (where, extra)
    elif isinstance(of, list):
        assert isinstance(value, list), where
        for i, v in enumerate(value):
            shape(v, of[0], '%s[%d]' % (where, i))
    elif isinstance(of, set):
        assert value in of, '%s: %r' % (where, value)
    else:
        assert isinstance(value, of) and (of is bool or not isinstance(value, bool)), '%s: %r' % (where, value)


NUMBER = (int, float)
GRADESCOPE = {
    'score?': NUMBER, 'output?': str, 'output_format?': {'text', 'html', 'simple_format', 'md', 'ansi'},
    'stdout_visibility?': {'hidden', 'visible', 'after_due_date', 'after_published'}, 'execution_time?': NUMBER,
    'leaderboard?': [{'name': str, 'value': object, 'order?': {'asc', 'desc'}}],
    'tests?': [{'name?': str, 'number?': str, 'score?': NUMBER, 'max_score?': NUMBER, 'status?': {'passed', 'failed'}, 'output?': str,
                'output_format?': {'text', 'html', 'simple_format', 'md', 'ansi'}, 'tags?': [str],
                'visibility?': {'hidden', 'visible', 'after_due_date', 'after_published'}}]}
CLASSROOM50 = {
    'schema': {'classroom50/result/v1'}, 'classroom': str, 'assignment': str, 'submission': str, 'commit': str, 'release': str,
    'review': str, 'datetime': str, 'score': int, 'max-score': int,
    'tests': [{'test-name': str, 'passed': bool, 'score': int, 'max-score': int}]}
PRAIRIELEARN = {
    'gradable': bool, 'score?': NUMBER, 'message?': str, 'output?': str,
    'tests?': [{'name': str, 'points': NUMBER, 'max_points': NUMBER, 'message?': str, 'output?': str, 'description?': str}]}


def gradescope():
    for id in ('half', 'folder', 'none', 'zip-link'):
        r = json.loads(read('gradescope/%s.json' % id))
        shape(r, GRADESCOPE, id)
        assert 'score' in r or all('score' in t for t in r['tests'])
    r = json.loads(read('gradescope/half.json'))
    assert [(t['score'], t['max_score'], t['visibility']) for t in r['tests']] == [
        (2, 2, 'visible'), (50, 50, 'visible'), (0, 20, 'visible'), (0, 28, 'hidden')]
    assert 'a person will look' in json.loads(read('gradescope/zip-link.json'))['output']


def classroom50():
    for id in ('half', 'zip-link'):
        r = json.loads(read('classroom50/%s.json' % id))
        shape(r, CLASSROOM50, id)
        assert re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ', r['datetime'])
    r = json.loads(read('classroom50/half.json'))
    assert (r['score'], r['max-score'], len(r['tests'])) == (52, 72, 3)     # no hidden check is there


def prairielearn():
    for id in ('half', 'none', 'zip-link'):
        r = json.loads(read('prairielearn/%s.json' % id))
        shape(r, PRAIRIELEARN, id)
        assert r['gradable'] == (id != 'zip-link')
        assert 0 <= r.get('score', 0) <= 1
    assert json.loads(read('prairielearn/half.json'))['score'] == 0.7222


def autolab():
    for id in ('half', 'none', 'zip-link'):
        last = json.loads(read('autolab/%s.txt' % id).rstrip('\n').rpartition('\n')[2])
        shape(last, {'scores': dict, 'scoreboard?': list}, id) if not last['scores'] else None
        assert all(isinstance(v, NUMBER) for v in last['scores'].values()) and isinstance(last['scoreboard'], list)
    assert json.loads(read('autolab/half.txt').splitlines()[-1])['scores'] == {'starts': 2, 'word': 50, 'twice': 0}


def vpl():
    text = read('vpl/half.txt')
    assert re.findall(r'^Grade :=>>(.*)$', text, re.M) == ['52']
    outside, inside = '', False
    for l in text.splitlines():
        if l == '<|--':
            assert not inside
            inside = True
        elif l == '--|>':
            assert inside
            inside = False
        elif inside:
            assert l[0] in '->', l
        else:
            outside += l
    assert not inside and outside == 'Grade :=>>52'
    assert 'Grade' not in read('vpl/zip-link.txt')


def junit():
    for id in ('half', 'none', 'zip-link'):
        root = tree.fromstring(read('junit/%s.xml' % id))
        assert root.tag == 'testsuites' and [s.tag for s in root] == ['testsuite']
        suite = root[0]
        cases = suite.findall('testcase')
        assert int(suite.get('tests')) == len(cases)
        for key, tag in (('failures', 'failure'), ('errors', 'error'), ('skipped', 'skipped')):
            assert int(suite.get(key)) == len(suite.findall('testcase/' + tag)), key
        for c in cases:
            assert c.get('name') and c.get('classname') and float(c.get('time')) >= 0
    assert len(tree.fromstring(read('junit/half.xml'))[0]) == 3


def tap():
    for id, count in (('half', 3), ('none', 3), ('zip-link', 0)):
        lines = read('tap/%s.tap' % id).splitlines()
        assert lines[0] == 'TAP version 13' and re.match(r'1\.\.%d( # SKIP .*)?$' % count, lines[1])
        tests = [l for l in lines[2:] if not l.startswith('# ')]
        assert [int(re.match(r'(?:not )?ok (\d+) - ', l).group(1)) for l in tests] == list(range(1, count + 1)), id
        for l in tests:     # a # that is none of ours
            assert re.fullmatch(r'(?:[^#\\]|\\.)*( # SKIP [^#]*)?', l), l
    assert [l.split(' - ')[0] for l in read('tap/half.tap').splitlines()[2:5]] == ['ok 1', 'ok 2', 'not ok 3']


def canvas():
    rows = list(csv.reader(read('canvas.csv').splitlines()))
    assert rows[0][:5] == ['Student', 'ID', 'SIS User ID', 'SIS Login ID', 'Section'] and rows[0][5].startswith('Lab 3: ')
    assert rows[1][0].strip() == 'Points Possible' and rows[1][5] == '100'
    of = {r[3]: r[5] for r in rows[2:]}
    assert (of['half'], of['folder'], of['zip-link']) == ('52', '100', '')


bad = 0
for f in (gradescope, classroom50, prairielearn, autolab, vpl, junit, tap, canvas):
    try:
        f()
        print('ok', f.__name__)
    except Exception as e:
        bad = 1
        print('not ok %s: %s %r' % (f.__name__, type(e).__name__, e))
sys.exit(bad)
