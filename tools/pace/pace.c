/*
 * pace [-t SECONDS] PORT COUNT MICROSECONDS [PATH]
 *
 * COUNT requests, one every so many MICROSECONDS whether or not the one before was answered in
 * time: each is measured from the moment it was due. A client that waits for its answer before
 * it looks at the clock again would count a pause of the server's once; here everybody who
 * would have come meanwhile counts, as it would be with many visitors. One line:
 *
 *   400 400 312 900 1204     due, answered, and the median, the 99th percentile and the longest
 *                            wait in microseconds
 *
 * After SECONDS (10) it stops; who has no answer by then has waited until then. Exits 1 when an
 * answer was not a 200, with its words.
 */
#include "../client/client.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static const char usage[] = "usage: pace [-t SECONDS] PORT COUNT MICROSECONDS [PATH]\n";

static double ends; /* nothing waits longer than until then */

static void sleep_until(double due)
{
	double left = due - client_now();
	struct timespec t = {(time_t)left, (long)((left - (double)(time_t)left) * 1e9)};

	if (left > 0)
		nanosleep(&t, NULL);
}

static struct answer get(int port, const char *path)
{
	static struct reader reader;
	struct answer a = {.outcome = LATE};
	double left = ends - client_now();
	char text[1024];
	int n = snprintf(text, sizeof text, "GET %s HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n", path);

	if (left <= 0.001)
		return a;
	reader.have = 0;
	reader.fd = client_connect(port, left, 0);
	if (reader.fd < 0) {
		a.outcome = errno == ETIMEDOUT || errno == EAGAIN ? LATE : REFUSED;
		return a;
	}
	client_send(reader.fd, text, (size_t)n); /* if not: reading says why */
	a = client_read(&reader, false);
	close(reader.fd);
	return a;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	double seconds = 10, began, *waits;
	long count, every, answered = 0;
	const char *path;
	int option, port;

	while ((option = getopt(argc, argv, "t:")) != -1) {
		if (option != 't')
			client_number(NULL, 0, usage);
		seconds = (double)client_number(optarg, 1, usage);
	}
	port = (int)client_number(argc > optind + 2 ? argv[optind] : NULL, 1, usage);
	count = client_number(argv[optind + 1], 1, usage);
	every = client_number(argv[optind + 2], 0, usage);
	path = argc > optind + 3 ? argv[optind + 3] : "/";
	waits = malloc((size_t)count * sizeof *waits);
	if (!waits)
		return 1;

	began = client_now();
	ends = began + seconds;
	for (long i = 0; i < count; i++) {
		double due = began + (double)(i * every) / 1e6;
		struct answer a;

		sleep_until(due);
		a = get(port, path);
		if (a.outcome != LATE && (a.outcome != ANSWERED || a.status != 200)) {
			printf("request %ld: %s\n", i + 1, client_words(&a));
			return 1;
		}
		answered += a.outcome == ANSWERED;
		waits[i] = client_now() > due ? client_now() - due : 0;
	}
	qsort(waits, (size_t)count, sizeof *waits, by_size);
	printf("%ld %ld %.0f %.0f %.0f\n", count, answered, waits[count / 2] * 1e6,
	       waits[count * 99 / 100] * 1e6, waits[count - 1] * 1e6);
	return 0;
}
