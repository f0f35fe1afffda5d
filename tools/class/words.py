"""Text that comes from students, made safe for a terminal, a page, a table."""
import html
import re
import unicodedata


def shown(text):
    """Nothing in it moves the cursor, turns the direction of writing, or is invisible."""
    return ''.join(c if c in '\n\t' or unicodedata.category(c) not in ('Cc', 'Cf', 'Cs', 'Co', 'Cn', 'Zl', 'Zp')
                   else '\\x%02x' % ord(c) if ord(c) < 256 else '\\u{%x}' % ord(c) for c in str(text))


def line(text):
    return ' '.join(shown(text).split())


def esc(text):
    return html.escape(shown(text))


def cell(value):
    """A cell of a table: never a formula, one line."""
    if value is None:
        return ''
    if isinstance(value, (int, float)):
        return value
    text = line(value)
    # spreadsheets take the wide forms for the narrow ones
    return "'" + text if text[:1] in tuple('=+-@＝＋－＠') else text


def slug(name):
    """A name for files: that of the student, or where it is no good file name, one made of it."""
    import hashlib
    if re.fullmatch(r'[A-Za-z0-9_][A-Za-z0-9._@-]{0,63}', name):
        return name
    mark = hashlib.sha256(name.encode('utf-8', 'surrogateescape')).hexdigest()[:8]
    return (re.sub(r'[^A-Za-z0-9]+', '_', name).strip('_')[:40] or 'student') + '~' + mark
