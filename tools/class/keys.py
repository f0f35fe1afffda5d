"""The keys of quiz sheets. The course has one; a student's is made of it and the student's id.

A student who has a key can sign what it likes: the signature says whose sheet it is, and that nobody
else has changed it. That its answers are true is read from what the kernel did.
"""
import hmac
import os
import re
import sys

COURSE_KEY = os.environ.get('KEY') or 'work/course.key'


def course_key(path=None):
    """The course's key; None: there is none."""
    try:
        with open(path or COURSE_KEY) as f:
            text = f.read().strip()
    except FileNotFoundError:
        return None
    if not re.fullmatch('[0-9a-f]{64}', text):
        print('%s is no key; make quiz-key writes one' % (path or COURSE_KEY), file=sys.stderr)
        sys.exit(2)
    return bytes.fromhex(text)


def student_key(course, id):
    return hmac.new(course, ('%s/%s/%s' % (os.environ.get('COURSE', ''), os.environ.get('TERM_NAME', ''), id)).encode(), 'sha256').hexdigest()


def signature(key, text):
    return hmac.new(bytes.fromhex(key), text, 'sha256').hexdigest()
