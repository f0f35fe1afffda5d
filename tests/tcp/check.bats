# Every claim of every observation, here and where less is allowed
load helper

setup_file() { build; }

observation() { checks "$labs/$1/run" --check; }

@test "states: every claim holds" { observation states; }
@test "time-wait: every claim holds" { observation time-wait; }
@test "reuseaddr: every claim holds" { observation reuseaddr; }
@test "shutdown-vs-close: every claim holds" { observation shutdown-vs-close; }
@test "dup-close: every claim holds" { observation dup-close; }
@test "reset-and-linger: every claim holds" { observation reset-and-linger; }
@test "backlog: every claim holds" { observation backlog; }
@test "close-wait: every claim holds" { observation close-wait; }
@test "windows: every claim holds" { observation windows; }
@test "thundering-herd: every claim holds" { observation thundering-herd; }
@test "pulled-cable: every claim holds" { observation pulled-cable; }
