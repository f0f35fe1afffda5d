/* frame: packets whole and in pieces, with the input's end against a page that cannot be read.
 */
#include "packet/frame.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/crc32.h"
#include "mem/alloc.h"
#include "unit.h"

enum { MAX = 32768 };

static char *page_end; /* one byte further and the kernel stops us */

static void make_page(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), room = 17 * page;
	char *pages =
	    mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(pages != MAP_FAILED);
	CHECK(mprotect(pages + room, page, PROT_NONE) == 0);
	page_end = pages + room;
}

static const char *at_page_end(const char *bytes, size_t len)
{
	return memcpy(page_end - len, bytes, len);
}

static void known_sums(void)
{
	static const char zeros[32];
	char ones[32];

	memset(ones, 0xff, sizeof(ones));
	CHECK_NUMBER(0, crc32_of(STR_NONE));
	CHECK_NUMBER(0xCBF43926, crc32_of(STR("123456789")));
	CHECK_NUMBER(0xE8B7BE43, crc32_of(STR("a")));
	CHECK_NUMBER(0x414FA339, crc32_of(STR("The quick brown fox jumps over the lazy dog")));
	CHECK_NUMBER(0x190A55AD, crc32_of((struct str){zeros, sizeof(zeros)}));
	CHECK_NUMBER(0xFF6CAB0B, crc32_of((struct str){ones, sizeof(ones)}));
}

static void on_the_wire(void)
{
	static const char wire[] = "\x00\x11\x00\x02\xCB\xF4\x39\x26"
				   "123456789";
	char to[64];
	char *end = put_frame(to, COMMAND_ECHO, STR("123456789"));

	CHECK_NUMBER(17, end - to);
	CHECK(memcmp(to, wire, 17) == 0);
	end = put_frame(to, COMMAND_PING, STR_NONE);
	CHECK_NUMBER(8, end - to);
	CHECK(memcmp(to, "\0\10\0\0\0\0\0\0", 8) == 0);
}

/* All packets in there, as "command:body|", behind what `all` has; how it ended is the result.
 */
static enum frame_result feed(struct framing *f, const char *bytes, size_t len, char *all)
{
	const char *at = at_page_end(bytes, len), *end = page_end;
	enum frame_result result;
	struct frame p;

	while ((result = frame_next(f, MAX, &at, end, &p)) == FRAME_WHOLE)
		sprintf(all + strlen(all), "%u:%.*s|", p.command, STR_ARGS(p.body));
	CHECK(result != FRAME_MORE || at == end);
	return result;
}

static size_t three_packets(char *to)
{
	char *end = put_frame(to, COMMAND_ECHO, STR("hello"));

	end = put_frame(end, COMMAND_PING, STR_NONE);
	end = put_frame(end, COMMAND_SAY, STR("to you"));
	return (size_t)(end - to);
}

static const char three_read[] = "2:hello|0:|3:to you|";

static void split_everywhere(void)
{
	char bytes[128];
	size_t len = three_packets(bytes);

	for (size_t first = 0; first <= len; first++) {
		for (size_t second = first; second <= len; second++) {
			struct framing f = {.head_len = 0};
			char all[128] = "";

			CHECK_NUMBER(FRAME_MORE, feed(&f, bytes, first, all));
			CHECK_NUMBER(FRAME_MORE, feed(&f, bytes + first, second - first, all));
			CHECK_NUMBER(FRAME_MORE, feed(&f, bytes + second, len - second, all));
			CHECK_STR(three_read, str_from(all));
			CHECK(f.body == NULL);
			framing_fini(&f);
		}
	}
}

static void byte_by_byte(void)
{
	struct framing f = {.head_len = 0};
	char bytes[128], all[128] = "";
	size_t len = three_packets(bytes);

	for (size_t i = 0; i < len; i++)
		CHECK_NUMBER(FRAME_MORE, feed(&f, bytes + i, 1, all));
	CHECK_STR(three_read, str_from(all));
	framing_fini(&f);
}

/* What is given up in the middle leaves nothing behind. */
static void abandoned(void)
{
	char bytes[128], all[128];
	size_t len = three_packets(bytes);

	for (size_t part = 0; part < len; part++) {
		struct framing f = {.head_len = 0};

		all[0] = '\0';
		feed(&f, bytes, part, all);
		framing_fini(&f);
	}
	CHECK_NUMBER(0, alloc_main.large_live);
}

static void lengths(void)
{
	static const struct {
		unsigned length;
		enum frame_result result;
	} cases[] = {{0, FRAME_SHORT},   {7, FRAME_SHORT},      {8, FRAME_WHOLE},
		     {MAX, FRAME_WHOLE}, {MAX + 1, FRAME_LONG}, {FRAME_MOST, FRAME_LONG}};
	static char body[FRAME_MOST];

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		static char bytes[FRAME_MOST];
		size_t len = cases[i].length < FRAME_HEAD ? FRAME_HEAD : cases[i].length;
		struct framing f = {.head_len = 0};
		struct frame p;
		const char *at;

		put_frame(bytes, COMMAND_ECHO, (struct str){body, len - FRAME_HEAD});
		bytes[0] = (char)(cases[i].length >> 8);
		bytes[1] = (char)cases[i].length;
		at = at_page_end(bytes, len);
		CHECK_NUMBER(cases[i].result, frame_next(&f, MAX, &at, page_end, &p));
		CHECK(f.body == NULL); /* what is here as a whole is not copied */
		framing_fini(&f);
	}
}

/* Every bit of the body and of the sum counts. */
static void damaged(void)
{
	char bytes[32];
	size_t len = (size_t)(put_frame(bytes, COMMAND_ECHO, STR("hello")) - bytes);

	for (size_t bit = 4 * 8; bit < len * 8; bit++) {
		for (size_t first = 0; first < len; first++) {
			struct framing f = {.head_len = 0};
			char all[64] = "";

			bytes[bit / 8] ^= (char)(1 << bit % 8);
			CHECK_NUMBER(FRAME_MORE, feed(&f, bytes, first, all));
			CHECK_NUMBER(FRAME_WRONG_CRC,
				     feed(&f, bytes + first, len - first, all));
			CHECK_STR("", str_from(all));
			bytes[bit / 8] ^= (char)(1 << bit % 8);
			framing_fini(&f);
		}
	}
}

static void without_memory(void)
{
	static const char wire[] = "\x00\xff\x00\x02\0\0\0\0 the rest does not come";
	struct framing f = {.head_len = 0};
	char all[64] = "";

	alloc_fail_from(1);
	CHECK_NUMBER(FRAME_NO_MEMORY, feed(&f, wire, sizeof(wire), all));
	alloc_fail_from(0);
	framing_fini(&f);
}

int main(void)
{
	make_page();
	known_sums();
	on_the_wire();
	split_everywhere();
	byte_by_byte();
	abandoned();
	lengths();
	damaged();
	without_memory();
	alloc_fini(&alloc_main);
	return 0;
}
