"""exports.py FOLDER   reads paper, key, QTI package and GIFT file of an exam as their readers do, and compares them"""
import re
import sys
import xml.etree.ElementTree as ET
import zipfile

folder = sys.argv[1]
key = open(f'{folder}/key.txt').read()
answers = re.findall(r'^   Answer: (\S+)', key, re.M)
names = re.findall(r'exam verify (\S+)$', key, re.M)
assert len(answers) == len(names) == 20, (len(answers), len(names))

QTI = '{http://www.imsglobal.org/xsd/ims_qtiasiv1p2}'
with zipfile.ZipFile(f'{folder}/qti.zip') as package:
    assert package.namelist() == ['imsmanifest.xml', 'exam/exam.xml'], package.namelist()
    manifest = ET.fromstring(package.read('imsmanifest.xml'))
    resource = next(e for e in manifest.iter() if e.tag.endswith('}resource'))
    assert resource.get('type') == 'imsqti_xmlv1p2' and resource.get('href') == 'exam/exam.xml'
    exam = ET.fromstring(package.read('exam/exam.xml'))

items = list(exam.iter(QTI + 'item'))
assert len(items) == 20 and len({item.get('ident') for item in items}) == 20
for item, answer, name in zip(items, answers, names):
    fields = {f[0].text: f[1].text for f in item.iter(QTI + 'qtimetadatafield')}
    right = item.find(f'.//{QTI}conditionvar//{QTI}varequal').text
    if fields['question_type'] == 'numerical_question':
        assert right == answer, (name, right, answer)
        assert item.find(f'.//{QTI}render_fib') is not None, name
        least = item.find(f'.//{QTI}vargte').text
        assert float(least) <= float(answer), name
    else:
        assert fields['question_type'] == 'multiple_choice_question', name
        choices = [label.get('ident') for label in item.iter(QTI + 'response_label')]
        assert len(choices) == len(set(choices)) >= 2, name
        assert 'abcdefgh'[choices.index(right)] == answer, (name, choices, right, answer)
    assert int(fields['points_possible']) > 0, name
    for text in item.iter(QTI + 'mattext'):       # HTML within, which must be whole, too
        ET.fromstring('<div>' + text.text.replace('&nbsp;', ' ') + '</div>' if '<' in text.text else '<div/>')

# GIFT: ::name:: text { answers }, with \ before ~ = # { } : that belong to a text
gift = open(f'{folder}/exam.gift').read()
questions = re.findall(r'^::(.*?)(?<!\\)::\[html\](.*?)(?<!\\)\{(.*?)(?<!\\)####(.*?)(?<!\\)\}\n', gift, re.M | re.S)
assert len(questions) == 20, len(questions)
for (title, _, body, _), answer, name in zip(questions, answers, names):
    assert title.startswith(name), (title, name)
    if body.startswith('#'):
        assert re.match(r'#([\d.]+):([\d.]+)$', body).group(1) == answer, (name, body)
    else:
        marks = re.findall(r'^\t([=~])', body, re.M)
        assert marks.count('=') == 1 and 'abcdefgh'[marks.index('=')] == answer, (name, body)

# the pages
for page in 'paper', 'key':
    html = open(f'{folder}/{page}.html').read()
    assert html.count('<section>') == 20 and not re.search(r'(src|href)=', html), page
paper = open(f'{folder}/paper.txt').read()
assert 'Why:' not in paper and len(re.findall(r'^   Answer: _', paper, re.M)) == 20
