/*
 * Runs whole programs at random and looks for each of their traces among those of their slices.
 *
 * An event is an access to the machine with the tracked state at that moment, whether interrupts
 * are on, and whether they were on at some time since the event before. The traces of a program are
 * a tree of events. The slice is run with every sequence of free choices, and given up as soon as it
 * leaves that tree: what no run of the slice comes to is a run that the slicer has lost.
 *
 * A slice may have interrupts on where the program never had (that adds runs), and one that fails
 * an assert() has said so: then all that would follow counts as found.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned long u64;

enum { most_events = 9, most_nodes = 20000, most_choices = 48, most_fields = 12, most_set = 64,
       most_scripts = 6 };

struct node {
	int kind, irqs, was_on, n;
	u64 value, state[most_fields];
	int parent, child, sibling;
	int found;                     /* how often in the slice */
	int all;                       /* all below it are found */
	int scripts;                   /* choices that lead here, the first few and then at random */
	int lengths[most_scripts];
	unsigned char script[most_scripts][most_choices];
};

struct program {
	long seed;
	void (*whole_reset)(void), (*whole)(void), (*slice_reset)(void), (*slice)(void);
	int (*whole_state)(u64 *), (*slice_state)(u64 *);
};
extern struct program programs[];
extern int program_count;

u64 engine_debugctl;
static struct node nodes[most_nodes];
static int node_count, set[most_set], set_size, depth;
static int irqs, was_on;
static int slicing, random_choices;
static unsigned script[most_choices], ranges[most_choices];
static int choice, script_length, capped;
static long fuel;
static sigjmp_buf out;
static int (*state_of)(u64 *);
static u64 seed;

static unsigned random_number(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 11);
}

void __sanitizer_cov_trace_pc(void)
{
	if (--fuel < 0) {
		capped = 1;
		siglongjmp(out, 1);
	}
}

unsigned engine_choose(unsigned n)
{
	if (n < 2)
		return 0;
	if (choice >= most_choices) {
		capped = 1;
		siglongjmp(out, 1);
	}
	if (choice >= script_length) {
		script[choice] = random_choices ? random_number() % n : 0;
		script_length = choice + 1;
	}
	ranges[choice] = n;
	return script[choice++];
}

void engine_irqs(int on)
{
	irqs = on;
	was_on |= on;
}

static void found_below(int node)
{
	if (nodes[node].all)
		return;
	nodes[node].all = 1;
	nodes[node].found += !nodes[node].found;
	for (int each = nodes[node].child; each != 0; each = nodes[each].sibling)
		found_below(each);
}

void engine_assert(int good)
{
	if (good)
		return;
	if (slicing)
		for (int i = 0; i < set_size; i++)
			found_below(set[i]);
	siglongjmp(out, 1);
}

static void remember(struct node *node)
{
	int at;

	node->found++;
	at = node->scripts < most_scripts ? node->scripts++ : (int)(random_number() % (unsigned)node->found);
	if (at >= most_scripts)
		return;
	node->lengths[at] = choice;
	for (int i = 0; i < choice; i++)
		node->script[at][i] = (unsigned char)script[i];
}

/* A null pointer in the slice: undefined there, which is a violation, too. */
static void on_fault(int unused)
{
	(void)unused;
	if (!slicing)
		_Exit(99);
	engine_assert(0);
}

static int same(const struct node *a, const struct node *b)
{
	return a->kind == b->kind && a->irqs == b->irqs && a->value == b->value && a->n == b->n &&
	       memcmp(a->state, b->state, sizeof(u64) * (size_t)a->n) == 0;
}

void engine_event(int kind, u64 value)
{
	struct node now = {.kind = kind, .irqs = irqs, .was_on = was_on, .value = value};
	int next[most_set], size = 0;

	now.n = state_of(now.state);
	was_on = irqs;
	for (int i = 0; i < set_size; i++)
		for (int each = nodes[set[i]].child; each != 0; each = nodes[each].sibling) {
			const struct node *known = &nodes[each];

			if (!same(known, &now) || size == most_set)
				continue;
			if (slicing ? known->was_on <= now.was_on : known->was_on == now.was_on) {
				if (slicing)
					remember(&nodes[each]);
				next[size++] = each;
			}
		}
	if (size == 0 && !slicing) {
		if (node_count == most_nodes)
			siglongjmp(out, 1);
		now.parent = set[0];
		now.sibling = nodes[set[0]].child;
		nodes[node_count] = now;
		nodes[set[0]].child = node_count;
		next[size++] = node_count++;
	}
	memcpy(set, next, sizeof(int) * (size_t)size);
	set_size = size;
	if (size == 0 || ++depth == most_events)
		siglongjmp(out, 1);
}

static void run(const struct program *p, int rounds)
{
	engine_debugctl = 0;
	irqs = was_on = 1;
	set[0] = 0;
	set_size = 1;
	depth = choice = 0;
	fuel = 5000;
	state_of = slicing ? p->slice_state : p->whole_state;
	if (sigsetjmp(out, 1) != 0)
		return;
	(slicing ? p->slice_reset : p->whole_reset)();
	for (int i = 0; i < rounds; i++)
		(slicing ? p->slice : p->whole)();
}

static int missing(void)
{
	for (int i = 1; i < node_count; i++)
		if (!nodes[i].found)
			return i;
	return 0;
}

static void show(int node)
{
	if (node == 0)
		return;
	show(nodes[node].parent);
	printf("    %s", nodes[node].kind == 1 ? "vmrun()" : nodes[node].kind == 2 ? "clgi()" : "wrmsrl()");
	if (nodes[node].kind == 3)
		printf(" %lu", nodes[node].value);
	printf("  interrupts %s%s, state", nodes[node].irqs ? "on" : "off",
	       nodes[node].was_on && !nodes[node].irqs ? " (were on)" : "");
	for (int i = 0; i < nodes[node].n; i++)
		printf(" %lu", nodes[node].state[i]);
	printf("%s\n", nodes[node].found ? "" : "   <- not in the slice");
}

/* found, missing or unknown */
static void decide(const struct program *p, long whole_runs, long slice_runs)
{
	long runs = 0;
	int cut = 0;

	memset(&nodes[0], 0, sizeof(nodes[0]));
	node_count = 1;
	seed = (u64)p->seed * 2654435761u + 88172645463325252ul;
	slicing = 0;
	random_choices = 1;
	for (long i = 0; i < whole_runs; i++) {
		script_length = 0;
		run(p, 2);
	}
	slicing = 1;
	capped = 0;
	/* From where the slice has come in the program's own traces, at random on. */
	for (int node = 0; runs < slice_runs / 2 && missing(); runs++) {
		do
			node = (node + 1) % node_count;
		while (nodes[node].found);
		const struct node *from = &nodes[nodes[node].parent];

		script_length = 0;
		if (from->scripts != 0 && random_number() % 8 != 0) {
			const int which = (int)(random_number() % (unsigned)from->scripts);

			script_length = from->lengths[which];
			for (int i = 0; i < script_length; i++)
				script[i] = from->script[which][i];
		}
		run(p, 8);
	}
	random_choices = 0;
	script_length = 0;
	capped = 0;
	while (missing()) {
		run(p, 8);
		if (++runs >= slice_runs) {
			cut = 1;
			break;
		}
		/* The next sequence of choices. */
		int last = choice - 1;

		while (last >= 0 && script[last] + 1 >= ranges[last])
			last--;
		if (last < 0)
			break;
		script[last]++;
		script_length = last + 1;
	}
	const int lost = missing();
	printf("%ld %s %d %ld\n", p->seed, !lost ? "found" : cut || capped ? "unknown" : "missing",
	       node_count - 1, runs);
	if (lost)
		show(lost);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	signal(SIGSEGV, on_fault);
	for (int i = 0; i < program_count; i++)
		decide(&programs[i], argc > 1 ? atol(argv[1]) : 300, argc > 2 ? atol(argv[2]) : 60000);
	return 0;
}
