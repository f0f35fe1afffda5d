# shellcheck shell=sh disable=SC2154
# quiz.sh: the questions of an observation, the grades, and the answer sheets. Part of lib.sh.

# ---- questions ----------------------------------------------------------------------------

# ask ID QUESTION CHOICE ...   held in one line, the parts apart by tabs
ask() {
	(IFS='	'; printf '%s\n' "$*") >>"$tmp/questions"
}

found() {
	id=$1 evidence=$2
	truth=$(printf '%s\n' "$evidence" | "rule_$id")
	printf '%s\n' "$evidence" | sed "s/^/$id /" >>"$tmp/evidence"
	printf '%s\t%s\n' "$id" "$truth" >>"$tmp/truths"
	awk -F '\t' -v id="$id" -v truth="$truth" '
		$1 == id { for (i = 3; i <= NF; i++) if ($i == truth) found = 1 }
		END { exit !found }' "$tmp/questions" ||
		die "question $id has no choice \"$truth\", which is what the kernel did"
}

choice() { printf '%s\n' "$1" | cut -f "$(($2 + 2))"; }
choices() { printf '%s\n' "$1" | awk -F '\t' '{ print NF - 2 }'; }

print_question() {
	echo
	prose "$(printf '%s\n' "$1" | cut -f 2)"
	printf '%s\n' "$1" | awk -F '\t' '{ for (i = 3; i <= NF; i++) printf "  %s) %s\n", substr("abcdefgh", i - 2, 1), $i }'
}

show_questions() {
	[ -s "$tmp/questions" ] || return 0
	echo
	echo "Before you look, predict:"
	while IFS= read -r q; do print_question "$q"; done <"$tmp/questions"
	echo
	wait_for_enter
}

ask_all() {
	sheet=${sheet:-$name.sheet}
	: 2>/dev/null >>"$sheet" || die "cannot write the answer sheet $sheet"
	[ -s "$sheet" ] || rm -f "$sheet"
	echo "Predict first; then we see what the kernel does. (Ctrl-C leaves, and writes nothing.)"
	if [ -z "$student" ]; then
		printf 'Your name: '
		IFS= read -r student || die "no answers, no sheet"
	fi
	exec 7<"$tmp/questions"
	while IFS= read -r q <&7; do
		print_question "$q"
		ask_one
		printf '%s\t%s\n' "$(printf '%s\n' "$q" | cut -f 1)" "$(choice "$q" "$n")" >>"$tmp/answers"
	done
	exec 7<&-
	echo
}

ask_one() {
	while :; do
		printf '> '
		IFS= read -r a || { echo; die "no answer, no sheet"; }
		case $a in [a-h] | [A-H]) ;; *) a=z ;; esac
		n=$(printf '%s' "$a" | tr 'a-hA-H' '1-81-8' | tr -cd '1-8')
		[ -n "$n" ] && [ "$n" -le "$(choices "$q")" ] && return
		echo "one letter, please: a to $(printf '%s' "$(choices "$q")" | tr '1-8' 'a-h')"
	done
}

value_in() {	# value_in FILE ID
	awk -F '\t' -v id="$2" '$1 == id { print $2; exit }' "$1"
}

grade() {
	right=0 of=0
	echo
	exec 7<"$tmp/questions"
	while IFS= read -r q <&7; do
		id=$(printf '%s\n' "$q" | cut -f 1)
		answer=$(value_in "$tmp/answers" "$id") truth=$(value_in "$tmp/truths" "$id")
		case $answer,$truth in ,* | *,) die "question ${id:-(none)} has no answer or no truth: a mistake in $0" ;; esac
		of=$((of + 1))
		if [ "$answer" = "$truth" ]; then
			right=$((right + 1))
			printf '%sright%s  %s: %s\n' "$green" "$plain" "$id" "$answer"
		else
			printf '%swrong%s  %s: you said "%s"; the kernel: "%s"\n' "$red" "$plain" "$id" "$answer" "$truth"
		fi
	done
	exec 7<&-
	echo
	echo "$right of $of. What happened, and why: labs/tcp/$name/README.md"
	write_sheet
	echo "Your answer sheet: $sheet"
}

# The sheet: text, one fact a line; the last line is a checksum of those above, or with a key of
# the course's their signature. The truth of each answer is not in it: it is read again, by the
# rule, from the kernel's lines below "saw".
write_sheet() {
	key_read
	{
		echo "answer sheet of labs/tcp/$name"
		echo "student $student"
		echo "id ${id:--}"
		if [ -n "$key" ]; then echo "signed with the key of $id"; else echo "unsigned"; fi
		echo "when $(date -u '+%Y-%m-%dT%H:%M:%SZ')"
		echo "kernel $(uname -sr)"
		echo "score $right of $of"
		sed 's/\t/ = /; s/^/answer /' "$tmp/answers"
		sed 's/^/saw /' "$tmp/evidence"
	} >"$tmp/sheet"
	{
		cat "$tmp/sheet"
		if [ -n "$key" ]; then echo "signature $(hmac "$key" <"$tmp/sheet")"
		else echo "sum $(sheet_sum "$tmp/sheet")"; fi
	} >"$sheet"
}

sheet_sum() { sha256sum <"$1" | cut -c 1-16; }

# ---- signing ------------------------------------------------------------------------------

# $id and $key, from work/quiz.key: a line "ID KEY", as make quiz-key writes it; or none
key_read() {
	id='' key=''
	key_file=${LAB_QUIZ_KEY:-$labs/../../work/quiz.key}
	[ ! -r "$key_file" ] || read -r id key <"$key_file" || :
	case $key in *[!0-9a-f]*) die "$key_file is not as make quiz-key has written it" ;; esac
	[ "${#key}" = 64 ] || [ -z "$key" ] || die "$key_file is not as make quiz-key has written it"
}

# octal HEX [NUMBER]   the bytes as printf takes them, 64 of them each xor NUMBER; without NUMBER as they are
octal() {
	awk -v hex="$1" -v with="${2:-}" '
		function mixed(a, b,   r, bit) {
			for (bit = 1; bit < 256; bit *= 2) if (int(a / bit) % 2 != int(b / bit) % 2) r += bit
			return r + 0
		}
		function digit(i) { return i > length(hex) ? 0 : index("0123456789abcdef", substr(hex, i, 1)) - 1 }
		BEGIN { for (i = 1; i <= (with == "" ? length(hex) : 128); i += 2) printf "\\%03o", mixed(16 * digit(i) + digit(i + 1), with + 0) }'
}

# hmac KEY   HMAC-SHA256 (RFC 2104) of standard input; the key is 64 hex digits
# shellcheck disable=SC2059  # the bytes are the format
hmac() {
	inner=$({ printf "$(octal "$1" 54)"; cat; } | sha256sum | cut -c 1-64)
	{ printf "$(octal "$1" 92)"; printf "$(octal "$inner")"; } | sha256sum | cut -c 1-64
}

# ---- verifying ----------------------------------------------------------------------------

verify_all() {
	bad=0
	"$0" --truths >"$tmp/now" 2>"$tmp/err" || echo "note: this kernel does not do here what the observation claims; see $0 --check"
	exec 6<"$tmp/sheets"
	while IFS= read -r sheet <&6; do verify_one "$sheet" || bad=1; done
	exit $bad
}

say_bad() { echo "$sheet: $*"; sound=; }

verify_one() {
	sound=yes right=0 of=0
	[ -r "$1" ] || { echo "$1: cannot be read"; return 1; }
	[ "$(sed -n 1p "$1")" = "answer sheet of labs/tcp/$name" ] ||
		{ echo "$1: this is no answer sheet of labs/tcp/$name"; return 1; }
	sed '$d' "$1" >"$tmp/sheet"
	case $(sed -n '$p' "$1") in
	"sum $(sheet_sum "$tmp/sheet")") ;;
	"signature $(key_read && hmac "${key:-0}" <"$tmp/sheet")") ;;
	signature\ *) [ "${LAB_SIGNED:-}" ] || say_bad "signed with another key than the one here; make quizzes, with the course's key, checks it" ;;
	*) say_bad "changed after it was written (its checksum does not match)" ;;
	esac
	exec 7<"$tmp/questions"
	while IFS= read -r q <&7; do verify_question "$(printf '%s\n' "$q" | cut -f 1)"; done
	exec 7<&-
	[ "$(sed -n 's/^score //p' "$tmp/sheet")" = "$right of $of" ] ||
		say_bad "claims a score of $(sed -n 's/^score //p' "$tmp/sheet"), but its answers earn $right of $of"
	printf '%s: %s of %s  %s%s\n' "$sheet" "$right" "$of" "$(sed -n 's/^student //p' "$tmp/sheet" | sed -n 1p | tr -d '\000-\037\177')" \
		"$([ "$sound" ] || echo '  NOT ACCEPTED')"
	[ "$sound" ]
}

verify_question() {
	of=$((of + 1))
	answer=$(sed -n "s/^answer $1 = //p" "$tmp/sheet")
	sed -n "s/^saw $1 //p" "$tmp/sheet" >"$tmp/saw"
	[ -s "$tmp/saw" ] || { say_bad "question $1: records nothing the kernel did"; return; }
	truth=$("rule_$1" <"$tmp/saw")
	[ "$answer" != "$truth" ] || right=$((right + 1))
	here=$(value_in "$tmp/now" "$1")
	[ "$truth" = "$here" ] || [ -z "$here" ] ||
		say_bad "question $1: its kernel is recorded to have done \"$truth\"; the one here does \"$here\""
}
