"""A page and a text for each student, and one page about the class.

No byte of a student reaches a page unescaped, and a page may load and run nothing.
"""
import emit
from words import esc, line, shown

HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>%s</title><style>
%s</style></head><body>
"""
END = '</body></html>\n'

with open('tools/class/page.css') as f:
    CSS = f.read()


def late(s):
    if not s.late:
        return ''
    days, minutes = divmod(s.late, 24 * 60)
    return 'handed in %s%d:%02d hours late' % ('%d days and ' % days if days else '', *divmod(minutes, 60))


def outcome(s, release):
    """One line: the points, or why there are none."""
    if s.verdict != 'graded':
        return emit.waits(s)
    checks = emit.checks_shown(s, release)
    words = '%d of %d points' % (emit.points(checks), emit.most(checks))
    kept = emit.checks_kept(s, release)
    return words + ('; %d more are for checks that you will see later' % emit.most(kept) if kept else '')


def facts(lab, s):
    """What is needed for a question about this grade."""
    words = ['%s, version %s' % (lab.name, lab.version)]
    if s.result:
        words.append('variant %s' % s.result['seed'])
        handed = s.result.get('submitted', {}).get('sha256')
        if handed:
            words.append('submission %s' % handed[:12])
        kind = s.result.get('isolation', {}).get('kind')
        if kind:
            words.append('isolation: %s' % kind)
    return ' · '.join(words + [late(s)] if late(s) else words)


# ---- a student -----------------------------------------------------------------------------

def text(lab, s, release):
    out = 'Lab %s: %s\n%s\n%s\n\n' % (lab.number, lab.title, line(s.name or s.id), shown(facts(lab, s)))
    for c in emit.checks_shown(s, release) if s.verdict == 'graded' else []:
        out += '%-16s %2d of %-2d  %-8s %s\n' % (c['id'], c['points'], c['max'], c['status'], c['title'])
        if c['status'] != 'PASS':
            out += ''.join('     %s\n' % l for l in shown(c['message']).rstrip('\n').split('\n') if l)
    return out + '\n' + outcome(s, release) + '\n'


def check_row(c):
    words = '<pre>%s</pre>' % esc(c['message'].rstrip('\n')) if c['message'] and c['status'] != 'PASS' else ''
    return '<tr><td>%s</td><td class="number">%d of %d</td><td class="%s">%s</td><td>%s%s</td></tr>\n' % (
        esc(c['id']), c['points'], c['max'], esc(c['status']), esc(c['status']), esc(c['title']), words)


def page(lab, s, release):
    title = 'Lab %s: %s' % (lab.number, lab.title)
    out = HEAD % (esc(title), CSS) + '<h1>%s</h1>\n<p>%s</p>\n<p><b class="%s">%s</b></p>\n' % (
        esc(title), esc(line(s.name or s.id)), s.verdict, esc(outcome(s, release)))
    checks = emit.checks_shown(s, release) if s.verdict == 'graded' else []
    if checks:
        out += '<div class="wide"><table><tr><th>check</th><th class="number">points</th><th></th><th></th></tr>\n%s</table></div>\n' % (
            ''.join(map(check_row, checks)))
    return out + '<p class="soft">%s</p>\n' % esc(facts(lab, s)) + END


# ---- the class -----------------------------------------------------------------------------

def median(numbers):
    n = sorted(numbers)
    return (n[(len(n) - 1) // 2] + n[len(n) // 2]) / 2


def distribution(scores, of):
    """Ten bars, a tenth of the points each."""
    count = [0] * 10
    for score in scores:
        count[min(9, score * 10 // max(of, 1))] += 1
    tall = max(count) or 1
    out = '<svg viewBox="0 0 640 190" role="img" aria-label="how many students have how many points">\n'
    for i, n in enumerate(count):
        h = 140 * n / tall
        out += '<rect class="bar" x="%d" y="%.1f" width="56" height="%.1f"/>' % (i * 64 + 4, 160 - h, h)
        if n:
            out += '<text class="on" x="%d" y="%.1f" text-anchor="middle">%d</text>' % (i * 64 + 32, 155 - h, n)
        first, last = -(-of * i // 10), (of if i == 9 else -(-of * (i + 1) // 10) - 1)
        out += '<text x="%d" y="178" text-anchor="middle">%d–%d</text>\n' % (i * 64 + 32, first, last)
    return out + '<line x1="0" y1="160.5" x2="640" y2="160.5"/></svg>\n'


def table(heads, rows):
    """A head that begins with # is of numbers; a cell is (html,) or text."""
    kind = [' class="number"' if h.startswith('#') else '' for h in heads]
    out = '<div class="wide"><table><tr>%s</tr>\n' % ''.join('<th%s>%s</th>' % (k, esc(h.lstrip('#'))) for k, h in zip(kind, heads))
    for row in rows:
        out += '<tr>%s</tr>\n' % ''.join('<td%s>%s</td>' % (k, c[0] if isinstance(c, tuple) else esc(c)) for k, c in zip(kind, row))
    return out + '</table></div>\n'


def link(s):
    return ('<a href="reports/%s.html">%s</a>' % (esc(s.slug), esc(line(s.id))),)


def checks_failed(lab, graded):
    rows = []
    for id in lab.checks:
        of = [c for s in graded for c in s.checks if c['id'] == id and c['status'] not in emit.NOT_ASKED + ('N.A.',)]
        bad = [c for c in of if c['status'] != 'PASS']
        if not of:
            continue
        blocked = sum(c['status'] == 'BLOCKED' for c in bad)
        share = 100 * len(bad) / len(of)
        rows.append([id, of[0]['title'], of[0]['visibility'], '%d of %d' % (len(bad), len(of)), str(blocked or ''),
                     '%.2f' % max(c['seconds'] for c in of), ('<span class="share" style="width: %.1frem"></span>' % (share / 12.5),)])
    return table(['check', '', '', '#failed', '#of these waited for another', '#slowest, seconds', ''], rows)


def not_run(graded):
    """A check that this machine cannot run costs no points, but the class should have been graded elsewhere."""
    count = {}
    for s in graded:
        for c in s.checks:
            if c['status'] == 'N.A.':
                count.setdefault(c['id'], []).append(c['message'])
    return ''.join('<p class="suspect">%s did not run for %d of %d, and counts nothing there: %s</p>\n' % (
        esc(id), len(why), len(graded), esc(why[0].strip())) for id, why in count.items())


def seconds(s):
    return s.result.get('seconds') or sum(c['seconds'] for c in s.checks)


def summary(lab, students, pairs):
    graded = [s for s in students if s.verdict == 'graded']
    look = [s for s in students if s.verdict in ('suspect', 'error')]
    missing = [s for s in students if s.verdict == 'missing']
    title = 'Lab %s: %s' % (lab.number, lab.title)
    out = HEAD % (esc(title), CSS) + '<h1>%s</h1>\n' % esc(title)
    out += '<p>%d submissions graded%s%s. <span class="soft">%s, version %s; <a href="gradebook.csv">gradebook.csv</a></span></p>\n' % (
        len(graded), '; a person should look at %d' % len(look) if look else '', '; %d handed nothing in' % len(missing) if missing else '',
        esc(lab.name), esc(lab.version))
    if graded:
        scores = [s.score for s in graded]
        of = max(s.result['max'] for s in graded)
        out += '<h2>Points</h2>\n<p>Median %g, average %.1f, from %d to %d, of %d.</p>\n' % (
            median(scores), sum(scores) / len(scores), min(scores), max(scores), of) + distribution(scores, of)
    if look:
        out += '<h2>To look at</h2>\n<p>These have neither points nor a zero. The reasons:</p>\n' + table(
            ['student', '', 'why'], [[link(s), ('<span class="%s">%s</span>' % (s.verdict, s.verdict),), '; '.join(s.why)] for s in look])
    if graded:
        out += '<h2>Checks</h2>\n' + not_run(graded) + checks_failed(lab, graded)
    out += '<h2>Alike</h2>\n'
    if pairs is None:
        out += '<p>Not compared: sim_c is not installed (Debian and Ubuntu: package similarity-tester).</p>\n'
    elif pairs:
        out += '<p>The starter is taken out. A pair is no proof: read both.</p>\n' + table(
            ['#percent', 'one', 'other'], [[str(p), link(a), b if isinstance(b, str) else link(b)] for p, a, b in pairs[:40]])
        if len(pairs) > 40:
            out += '<p>%d more in <a href="similar.tsv">similar.tsv</a>.</p>\n' % (len(pairs) - 40)
    else:
        out += '<p>No two submissions are much alike.</p>\n'
    if graded:
        out += '<h2>Slowest</h2>\n' + table(['student', '#seconds', 'the slowest check'], [
            [link(s), '%.1f' % seconds(s), max(s.checks, key=lambda c: c['seconds'])['id']]
            for s in sorted(graded, key=seconds, reverse=True)[:5]])
    for words, of in (('Late', [s for s in students if s.late]), ('Handed nothing in', missing)):
        if of:
            out += '<h2>%s</h2>\n' % words + table(['student', ''], [[link(s), late(s)] for s in of])
    return out + '<p class="soft">Isolation: %s</p>\n' % esc(isolation(graded)) + END


def isolation(graded):
    count = {}
    for s in graded:
        i = s.result.get('isolation', {})
        words = '%s, network %s' % (i.get('kind', 'not told'), i.get('network', 'not told')) + (' (%s)' % i['note'] if i.get('note') else '')
        count[words] = count.get(words, 0) + 1
    return '; '.join('%s: %d' % (w, n) for w, n in sorted(count.items())) or 'nothing was graded'
