#!/usr/bin/env bats
# Other machines: GNU parallel over ssh to a host of our own, a Slurm of our own. They cost more than
# tests may: ENGINES=1 runs them, ENGINES=1000 with so many submissions. Needs root.
# shellcheck disable=SC2013,SC2030,SC2031  # process ids; exported in one test
load helper

setup_file() {
	[ -n "${ENGINES:-}" ] || return 0
	export at n=$ENGINES
	[ "$n" -gt 24 ] || n=24
	at=$(mktemp -d)
	chmod 755 "$at"
	course "$at/course"
	python3 tests/class/handed-in.py --some "$at" half
	mkdir "$at/in"
	for i in $(seq "$n"); do cp -R "$at/half" "$at/in/s$i"; done
}
teardown_file() { [ -z "${at:-}" ] || rm -rf "$at"; }
setup() { [ -n "${ENGINES:-}" ] || skip "takes minutes: ENGINES=1 runs it"; }
teardown() {
	local p
	for p in "${ours[@]}"; do killed_with_children "$p"; done
}

children() { local c; for c in $(cat "/proc/$1/task/"*/children 2>/dev/null); do children "$c"; echo "$c"; done; }
# shellcheck disable=SC2046  # process ids
killed_with_children() { kill -9 $(children "$1") "$1" 2>/dev/null || :; }
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
results() { find "$OUT/results" -name '*.key' 2>/dev/null | wc -l; }

quarter_or_over() { [ "$(results)" -ge $((n / 4)) ] || [ ! -d "/proc/$class_pid" ]; }

# a host is lost when a quarter is graded: all, and none twice in what is recorded
lose_after_a_quarter() { # PID of class, command that loses it
	class_pid=$1
	within 1200 quarter_or_over
	[ -d "/proc/$1" ] || { cat "$at/said"; return 1; }
	"${@:2}"
	wait "$1" || { cat "$at/said"; return 1; }
	[ "$(verdicts | grep -c '	graded 52')" = "$n" ]
}

@test "engines: GNU parallel over ssh, and one of two hosts is lost in the middle" {
	for c in parallel rsync ssh ssh-keygen; do command -v "$c" >/dev/null || skip "needs $c"; done
	[ -x /usr/sbin/sshd ] || skip "needs sshd"
	ssh-keygen -q -t ed25519 -N '' -f "$at/key"
	cp "$at/key.pub" "$at/authorized"
	mkdir -p /run/sshd
	for i in 1 2; do
		port=$(free_port)
		mkdir "$at/home$i"
		/usr/sbin/sshd -f /dev/null -D -h "$at/key" -p "$port" -o ListenAddress=127.0.0.1 -o AuthorizedKeysFile="$at/authorized" \
			-o StrictModes=no -o PidFile=none -o PermitRootLogin=yes -o UsePAM=no -o SetEnv="HOME=$at/home$i" -o MaxStartups=100 3>&- 2>/dev/null &
		ours[i]=$!
		printf 'Host h%s\n\tHostName 127.0.0.1\n\tPort %s\n\tUser root\n\tIdentityFile %s\n\tStrictHostKeyChecking no\n\tUserKnownHostsFile /dev/null\n\tLogLevel ERROR\n' \
			$i "$port" "$at/key" >>"$at/config"
		echo "2/ssh -F $at/config h$i" >>"$at/hosts"
	done
	export IN=$at/in OUT=$at/parallel ENGINE=parallel HOSTS=$at/hosts
	cd "$at/course"
	python3 tools/class/class 3 >"$at/said" 2>&1 3>&- &
	lose_after_a_quarter $! killed_with_children "${ours[2]}"
	# a batch that has come back has not been given out again
	[ -z "$(awk -F '\t' '$7 == 0 && $9 ~ /batch/ { print $1 }' "$OUT/jobs.log" | sort | uniq -d)" ]
}

@test "engines: Slurm, and one of two nodes is lost in the middle" {
	for c in slurmctld slurmd sbatch munged; do command -v "$c" >/dev/null || skip "needs $c"; done
	[ "$(id -u)" = 0 ] || skip "needs root"
	mkdir -p "$at/slurm"/{munge,state,spool/n1,spool/n2}
	head -c 1024 /dev/urandom >"$at/slurm/munge/key" && chmod 400 "$at/slurm/munge/key"
	munged --force -F --key-file="$at/slurm/munge/key" --socket="$at/slurm/munge/socket" --pid-file="$at/slurm/munge/pid" \
		--log-file="$at/slurm/munge/log" --seed-file="$at/slurm/munge/seed" 3>&- &
	ours[3]=$!
	cat >"$at/slurm/slurm.conf" <<-EOF
		ClusterName=lab
		SlurmctldHost=$(hostname -s)(127.0.0.1)
		SlurmUser=root
		SlurmdUser=root
		AuthInfo=socket=$at/slurm/munge/socket
		SlurmctldPort=$(free_port)
		StateSaveLocation=$at/slurm/state
		SlurmdSpoolDir=$at/slurm/spool/%n
		SlurmctldPidFile=$at/slurm/ctld.pid
		SlurmdPidFile=$at/slurm/%n.pid
		SlurmctldLogFile=$at/slurm/ctld.log
		SlurmdLogFile=$at/slurm/%n.log
		ProctrackType=proctrack/pgid
		TaskPlugin=task/none
		SelectType=select/cons_tres
		SelectTypeParameters=CR_CPU
		SlurmdTimeout=10
		MaxArraySize=5001
		MaxJobCount=10000
		PlugStackConfig=/dev/null
		SchedulerParameters=sched_interval=2,batch_sched_delay=0
		NodeName=n1 NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=$(free_port) CPUs=2
		NodeName=n2 NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=$(free_port) CPUs=2
		PartitionName=all Nodes=n1,n2 Default=YES State=UP
	EOF
	export SLURM_CONF=$at/slurm/slurm.conf
	slurmctld -D 3>&- >/dev/null 2>&1 &
	ours[4]=$!
	for i in 1 2; do
		slurmd -D -N n$i 3>&- >/dev/null 2>&1 &
		ours[i]=$!
	done
	export IN=$at/in OUT=$at/slurm-out ENGINE=slurm
	cd "$at/course"
	python3 tools/class/class 3 >"$at/said" 2>&1 3>&- &
	lose_after_a_quarter $! killed_with_children "${ours[2]}"
}
