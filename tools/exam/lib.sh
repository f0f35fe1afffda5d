# shellcheck shell=sh disable=SC2034
# The words that a question is written in. A question is a shell script, questions/NAME, that is read
# from top to bottom:
#
#	title 'In a few words'
#	subject TOPIC STAGE POINTS	TOPIC is a word of `topics`; STAGE is 0 for a question about TCP alone
#	number NAME LEAST MOST		a parameter: a number between the two
#	choose NAME VALUE ...		a parameter: one of these values
#	set_to NAME VALUE		a value that is computed from them
#	ask ANSWER [NEAR] <<'END'	the question; {NAME} becomes the parameter. A line that begins with
#					four blanks is code. ANSWER is a number, with NEAR how far a right
#					answer may be from it; or the key of an option
#	option KEY TEXT			a choice; they are put in an order that depends on the seed
#	why TEXT			the explanation, for the key
#	verify() { ...; }		runs it (see world.sh), and prints what happened: a number, or
#					the key of an option
#
# The same seed gives the same parameters in every shell and with every awk: the numbers come from
# seed.awk and from Lehmer's generator below, and not from anything of the system.

topics='blocking select poll epoll edge processes full tcp http roads'

# begin_question NAME SEED
begin_question() {
	question=$1 kind=number answer='' near=0
	random=$(awk -v text="$2 $1" -f tools/exam/seed.awk -f - <<-'END'
		BEGIN { print seed_number(text) }
	END
	)
	fills='' options='' keys='' head='' body='' reason=''
	tab=$(printf '\t') newline='
'
	next_random
}

broken() { echo "exam: question $question: $*" >&2; exit 2; }

next_random() { random=$((random * 16807 % 2147483647)); }

title() { head="title$tab$1"; }

subject() {
	case " $topics " in *" $1 "*) ;; *) broken "there is no topic '$1'; there are: $topics" ;; esac
	topic=$1 stage=$2 points=$3
}

set_to() {
	eval "$1=\$2"
	case $2 in
	*[\&\\]*) safe=$(printf '%s' "$2" | sed 's/[&\\]/\\&/g') ;;
	*) safe=$2 ;;
	esac
	fills="$fills;s${tab}{$1}${tab}$safe${tab}g"
}

number() {
	next_random
	set_to "$1" "$(($2 + random % ($3 - $2 + 1)))"
}

choose() {
	chosen=$1
	shift
	next_random
	shift "$((random % $#))"
	set_to "$chosen" "$1"
}

ask() {
	answer=$1 near=${2:-0}
	case $answer in *[!0-9.]* | '') kind=choice ;; esac
	body=$(sed "${fills#;};s/^/text$tab/")
}

option() {
	next_random
	keys="$keys $1 "
	options="$options$random${tab}option$tab$1$tab$2$newline"
	kind=choice
}

why() { reason=$*; }

# end_question   the question as a record: a line a fact, the name of the fact before a tab
end_question() {
	if [ -z "$head" ] || [ -z "$body" ] || [ -z "$reason" ]; then broken "a title, a question and a why are needed"; fi
	case $kind in
	choice)
		case $keys in *" $answer "*) ;; *) broken "its answer '$answer' is not one of its options:$keys" ;; esac
		;;
	esac
	{
		printf 'question\t%s\n%s\ntopic\t%s\nstage\t%s\npoints\t%s\nkind\t%s\n' \
			"$question" "$head" "$topic" "$stage" "$points" "$kind"
		printf '%s\n' "$body"
		[ -z "$options" ] || printf '%s' "$options" | sort -n | cut -f 2-
		printf 'answer\t%s\nnear\t%s\nwhy\t%s\nend\n' "$answer" "$near" "$reason"
	} | sed "${fills#;}" | awk -v question="$question" '
		/[{][A-Z_]+[}]/ { print "exam: question " question ": no parameter has this name: " $0 >"/dev/stderr"; bad = 1 }
		{ print }
		END { exit bad ? 2 : 0 }'
}
