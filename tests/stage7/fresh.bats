# The open-file cache notices at once whatever changes a file.
load lib
load master

is() { # is PATH CONTENT
	answers 200 "$1"
	[ "$(cat "$body")" = "$2" ]
}

@test "written, renamed over, linked elsewhere" {
	server ''
	echo one >"$site/file"
	for _ in 1 2 3; do is /file one; done
	echo second >"$site/file"
	is /file second
	echo third >"$site/new" && mv "$site/new" "$site/file"
	is /file third
	ln "$site/file" "$tmp/other-name"
	echo fourth >"$tmp/other-name"
	is /file fourth
	rm "$site/file"
	answers 404 /file
	echo back >"$site/file"
	is /file back
	stop
}

@test "a folder on the way is another one" {
	server ''
	mkdir -p "$site/a/b/c"
	echo one >"$site/a/b/c/file"
	is /a/b/c/file one
	mv "$site/a/b" "$site/a/old"
	mkdir -p "$site/a/b/c"
	echo two >"$site/a/b/c/file"
	is /a/b/c/file two
	rm -r "$site/a/b"
	answers 404 /a/b/c/file
	stop
}

@test "a symbolic link is turned to another release" {
	mkdir -p "$tmp/releases/1" "$tmp/releases/2"
	echo one >"$tmp/releases/1/file"
	echo two >"$tmp/releases/2/file"
	ln -sfn "$tmp/releases/1" "$site/current"
	server ''
	is /current/file one
	ln -sfn "$tmp/releases/2" "$site/next" && mv -T "$site/next" "$site/current"
	is /current/file two
	echo 'two and a half' >"$tmp/releases/2/file"
	is /current/file 'two and a half'
	stop
}

@test "more files than the cache holds" {
	server 'open_file_cache max=4 inactive=1s;'
	for i in 1 2 3 4 5 6 7 8; do echo "$i" >"$site/n$i"; done
	for _ in 1 2 3; do
		for i in 1 2 3 4 5 6 7 8; do is "/n$i" "$i"; done
	done
	echo new >"$site/n8"
	is /n8 new
	stop
}

kept_open() { find "/proc/$(crew)/fd" -lname "$site/large*" | wc -l; }

@test "a reload with a smaller max= keeps fewer files open" {
	for i in 1 2 3 4 5 6 7 8; do head -c 200000 /dev/zero >"$site/large$i"; done
	WORKERS=1 master 'open_file_cache max=100;'
	old=$(crew)
	for i in 1 2 3 4 5 6 7 8; do curl -s -o /dev/null "$url/large$i"; done
	[ "$(kept_open)" -eq 8 ]
	change 's/max=100/max=2/'
	reload
	within 20 replaced_one "$old"
	for i in 1 2 3 4 5 6 7 8; do curl -s -o /dev/null "$url/large$i"; done
	[ "$(kept_open)" -le 2 ]
	stop
}

replaced_one() { workers_are 1 && ! crew | grep -qx "$1"; }

@test "open_file_cache off" {
	server 'open_file_cache off;'
	echo one >"$site/file"
	is /file one
	echo two >"$site/file"
	is /file two
	stop
}
