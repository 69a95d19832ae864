/*
 * The first and only program of the kernel under test (/init of its initramfs), itself in a virtual
 * machine: it loads KVM, makes a guest of each test in /job, runs it, and prints what happened.
 *
 * It decides nothing. The job says which bytes the guest executes (assemble.cpp makes them); the
 * lines that begin with "airlock: " say what came of them (outcome.cpp reads them). Here is only
 * what every test has in common: a flat 64-bit guest with a handler that notes each exception.
 *
 * The job, a line each; numbers are hexadecimal:
 *     test NAME            forget the test before
 *     code BYTES           at GUEST_CODE, where the guest begins, at CPL 0 with TF=0
 *     stack WORD...        at GUEST_STACK, where RSP points: what POPF and IRET pop
 *     db RIP LABEL         a #DB that pushes RIP goes on at LABEL, with the RSP it interrupted
 *     reg NUMBER VALUE     general register, numbered as instructions number them
 *     lstar ADDRESS        where SYSCALL goes
 *     seed ADDRESS         what VMCB.next_rip shall be (see seed_next_rip)
 *     run COUNT            so often
 *     evidence 1           once more, and print KVM's tracepoints meanwhile
 * GUEST_... come from the command line of the compiler.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <unistd.h>

enum {
	MEMORY = 0x80000,	/* of the guest, from 0; code, stack and all of the below are in it */
	PML4 = 0x1000, PDPT = 0x2000, PD = 0x3000,
	GDT = 0x4000, IDT = 0x5000, TSS = 0x6800, SEED_CODE = 0x7000,
	STUBS = 0x10000,	/* 16 bytes for each of 32 vectors, then what they share */
	DB_TABLE = 0x1e000,	/* pairs RIP, LABEL; ends with RIP 0 */
	GO_ON = 0x1f000,	/* the label that the handler jumps to */
	LOG = 0x20000,		/* where the next record goes; records from LOG + 32 on */
	LOG_END = 0x28000,
	STACK_OF_CPL0 = 0x78000,	/* after an exception at CPL 3 */
	KERNEL_CS = 0x08, KERNEL_SS = 0x10, USER_SS = 0x1b, USER_CS = 0x23,
	RFLAGS_IOPL3 = 0x3002,	/* so that OUT works at CPL 3 */
	END_PORT = 0xf4, EXCEPTION_PORT = 0xf5, SEEDED_PORT = 0xf6, LOG_FULL_PORT = 0xf7,
};

/* A record is four words: vector, and the RIP, CS and RFLAGS that were pushed. */
#define STR2(x) #x
#define STR(x) STR2(x)
#define A_LOG "0x20000"
#define A_LOG_END "0x28000"
#define A_DB_TABLE "0x1e000"
#define A_GO_ON "0x1f000"
_Static_assert(LOG == 0x20000 && LOG_END == 0x28000 && DB_TABLE == 0x1e000 && GO_ON == 0x1f000,
	       "the assembly below has these numbers");
extern unsigned char stubs_begin[], touch_begin[], stubs_end[];
asm(".pushsection .rodata\n"
    "stubs_begin:\n"
    " .set v, 0\n"
    " .rept 32\n"
    " .balign 16\n"
    " .if !(v == 8 || (v >= 10 && v <= 14) || v == 17)\n"
    " pushq $0\n"	/* where the processor pushes no error code */
    " .endif\n"
    " pushq $v\n"
    " jmp 9f\n"
    " .set v, v + 1\n"
    " .endr\n"
    /* rbx, rax, vector, error code, rip, cs, rflags, rsp, ss */
    "9: pushq %rax\n"
    " pushq %rbx\n"
    " movq " A_LOG ", %rbx\n"
    " movq 16(%rsp), %rax\n movq %rax, (%rbx)\n"
    " movq 32(%rsp), %rax\n movq %rax, 8(%rbx)\n"
    " movq 40(%rsp), %rax\n movq %rax, 16(%rbx)\n"
    " movq 48(%rsp), %rax\n movq %rax, 24(%rbx)\n"
    " addq $32, %rbx\n"
    " movq %rbx, " A_LOG "\n"
    " cmpq $" A_LOG_END ", %rbx\n"
    " jb 1f\n"
    " outb %al, $0xf7\n"
    "1: cmpq $1, 16(%rsp)\n"
    " je 2f\n"
    " outb %al, $0xf5\n"
    "2: movq $" A_DB_TABLE " - 16, %rbx\n"
    "3: addq $16, %rbx\n"
    " movq (%rbx), %rax\n"
    " testq %rax, %rax\n"
    " jz 4f\n"
    " cmpq %rax, 32(%rsp)\n"
    " jne 3b\n"
    " movq 8(%rbx), %rax\n"
    " movq %rax, " A_GO_ON "\n"
    " popq %rbx\n"
    " popq %rax\n"
    " movq 40(%rsp), %rsp\n"
    " jmp *" A_GO_ON "\n"
    "4: andq $~0x100, 48(%rsp)\n"	/* a #DB that the test does not know of ends the stepping */
    " popq %rbx\n"
    " popq %rax\n"
    " addq $16, %rsp\n"
    " iretq\n"
    /* So that no nested page fault, which is an exit, comes while the test runs. */
    "touch_begin:\n"
    " xorl %ebx, %ebx\n"
    "5: lock orb $0, (%rbx)\n"
    " addl $4096, %ebx\n"
    " cmpl $0x80000, %ebx\n"
    " jb 5b\n"
    " outb %al, $0xf4\n"
    "stubs_end:\n"
    ".popsection\n");

struct Test {
	char name[200];
	unsigned char code[4096];
	size_t code_size;
	uint64_t stack[64];
	size_t stack_size;
	uint64_t db[64];
	size_t db_size;
	uint64_t reg[16];
	uint64_t lstar;
	uint64_t seed;
};

static struct Test test;
static unsigned char *memory, *untouched;
static int kvm, vm, vcpu;
static struct kvm_run *run;
static volatile sig_atomic_t out_of_time;

static void on_alarm(int signal) { (void)signal; out_of_time = 1; }

static void give_up(const char *what)
{
	printf("airlock: error %s: %s\n", what, strerror(errno));
	fflush(stdout);
	sync();
	iopl(3);
	outb(1, 0x501);
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

static void put64(unsigned address, uint64_t value) { memcpy(memory + address, &value, 8); }

static void gate(unsigned vector, uint64_t handler)
{
	put64(IDT + vector * 16, (handler & 0xffff) | (uint64_t)KERNEL_CS << 16 | 0x8eULL << 40 |
					 (handler >> 16) << 48);
}

static void fill_memory(void)
{
	memset(memory, 0, MEMORY);
	put64(PML4, PDPT | 0x67);	/* present, writable, CPL 3 too, accessed, dirty */
	put64(PDPT, PD | 0x67);
	put64(PD, 0xe7);		/* 2 MB from 0, and from GUEST_UNTOUCHED */
	put64(PD + 8, GUEST_UNTOUCHED | 0xe7);
	put64(GDT + 8, 0x00af9b000000ffffULL);
	put64(GDT + 16, 0x00cf93000000ffffULL);
	put64(GDT + 24, 0x00cff3000000ffffULL);
	put64(GDT + 32, 0x00affb000000ffffULL);
	put64(TSS + 4, STACK_OF_CPL0);
	memcpy(memory + STUBS, stubs_begin, stubs_end - stubs_begin);
	for (unsigned vector = 0; vector < 32; vector++)
		gate(vector, STUBS + vector * 16);
	put64(LOG, LOG + 32);
	memcpy(memory + GUEST_CODE, test.code, test.code_size);
	memcpy(memory + GUEST_STACK, test.stack, test.stack_size * 8);
	memcpy(memory + DB_TABLE, test.db, test.db_size * 8);
}

static void set_msrs(void)
{
	struct { struct kvm_msrs head; struct kvm_msr_entry entry[3]; } msrs = {
		{ .nmsrs = 3 },
		{ { .index = 0xc0000081, .data = (uint64_t)0x13 << 48 | (uint64_t)KERNEL_CS << 32 },
		  { .index = 0xc0000082, .data = test.lstar },
		  { .index = 0xc0000084, .data = 0 } },
	};
	if (ioctl(vcpu, KVM_SET_MSRS, &msrs) != 3)
		give_up("KVM_SET_MSRS");
}

static void set_cpuid(void)
{
	static struct { struct kvm_cpuid2 head; struct kvm_cpuid_entry2 entry[256]; } cpuid;
	cpuid.head.nent = 256;
	if (ioctl(kvm, KVM_GET_SUPPORTED_CPUID, &cpuid))
		give_up("KVM_GET_SUPPORTED_CPUID");
	for (unsigned i = 0; i < cpuid.head.nent; i++)
		if (cpuid.entry[i].function == 1)
			cpuid.entry[i].ecx |= 1u << 21 | 1u << 24;	/* x2APIC, TSC deadline timer */
	if (ioctl(vcpu, KVM_SET_CPUID2, &cpuid))
		give_up("KVM_SET_CPUID2");
}

static void set_segments(void)
{
	struct kvm_segment code = { .limit = ~0u, .selector = KERNEL_CS, .type = 11, .present = 1,
				    .s = 1, .l = 1, .g = 1 };
	struct kvm_segment data = { .limit = ~0u, .selector = KERNEL_SS, .type = 3, .present = 1,
				    .db = 1, .s = 1, .g = 1 };
	struct kvm_segment task = { .base = TSS, .limit = 0x67, .selector = 0x28, .type = 11,
				    .present = 1 };
	struct kvm_sregs s;
	if (ioctl(vcpu, KVM_GET_SREGS, &s))
		give_up("KVM_GET_SREGS");
	s.cs = code;
	s.ds = s.es = s.fs = s.gs = s.ss = data;
	s.tr = task;
	s.gdt.base = GDT;
	s.gdt.limit = 5 * 8 - 1;
	s.idt.base = IDT;
	s.idt.limit = 32 * 16 - 1;
	s.cr0 = 0x80010031;	/* PG, WP, NE, ET, PE */
	s.cr3 = PML4;
	s.cr4 = 0x20;		/* PAE */
	s.efer = 0x501;		/* LMA, LME, SCE */
	s.apic_base |= 0xc00;	/* x2APIC */
	if (ioctl(vcpu, KVM_SET_SREGS, &s))
		give_up("KVM_SET_SREGS");
}

static void make_vm(void)
{
	vm = ioctl(kvm, KVM_CREATE_VM, 0);
	if (vm < 0)
		give_up("KVM_CREATE_VM");
	if (ioctl(vm, KVM_CREATE_IRQCHIP, 0))
		give_up("KVM_CREATE_IRQCHIP");
	struct kvm_userspace_memory_region low = { 0, 0, 0, MEMORY, (uintptr_t)memory };
	struct kvm_userspace_memory_region high = { 1, 0, GUEST_UNTOUCHED, 4096, (uintptr_t)untouched };
	if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &low) || ioctl(vm, KVM_SET_USER_MEMORY_REGION, &high))
		give_up("KVM_SET_USER_MEMORY_REGION");
	vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	if (vcpu < 0)
		give_up("KVM_CREATE_VCPU");
	run = mmap(NULL, ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), PROT_READ | PROT_WRITE, MAP_SHARED,
		   vcpu, 0);
	if (run == MAP_FAILED)
		give_up("the vCPU's page");
	set_cpuid();
	set_segments();
	set_msrs();
}

static void set_regs(uint64_t rip)
{
	struct kvm_regs r = {
		.rax = test.reg[0], .rcx = test.reg[1], .rdx = test.reg[2], .rbx = test.reg[3],
		.rsp = GUEST_STACK, .rbp = test.reg[5], .rsi = test.reg[6], .rdi = test.reg[7],
		.r8 = test.reg[8], .r9 = test.reg[9], .r10 = test.reg[10], .r11 = test.reg[11],
		.r12 = test.reg[12], .r13 = test.reg[13], .r14 = test.reg[14], .r15 = test.reg[15],
		.rip = rip, .rflags = RFLAGS_IOPL3,
	};
	if (ioctl(vcpu, KVM_SET_REGS, &r))
		give_up("KVM_SET_REGS");
}

/* Runs until the guest writes to one of our ports, and says which or what else happened. */
static const char *run_guest(void)
{
	static char other[100];
	struct itimerval limit = { .it_value = { .tv_sec = 2 } }, none = { 0 };
	const char *end = NULL;
	out_of_time = 0;
	setitimer(ITIMER_REAL, &limit, NULL);
	while (!end) {
		if (out_of_time) {
			end = "hangs";
			break;
		}
		if (ioctl(vcpu, KVM_RUN, 0) < 0) {
			if (errno == EINTR)
				continue;
			snprintf(other, sizeof other, "KVM_RUN-errno-%d", errno);
			end = other;
		} else if (run->exit_reason == KVM_EXIT_IO && !run->io.direction) {
			memset((char *)run + run->io.data_offset, 0, run->io.size * run->io.count);
		} else if (run->exit_reason == KVM_EXIT_IO && run->io.port == END_PORT) {
			end = "end";
		} else if (run->exit_reason == KVM_EXIT_IO && run->io.port == EXCEPTION_PORT) {
			end = "exception";
		} else if (run->exit_reason == KVM_EXIT_IO && run->io.port == SEEDED_PORT) {
			end = "seeded";
		} else if (run->exit_reason == KVM_EXIT_IO && run->io.port == LOG_FULL_PORT) {
			end = "log-full";
		} else if (run->exit_reason != KVM_EXIT_IO) {
			snprintf(other, sizeof other, "exit-reason-%u", run->exit_reason);
			end = other;
		}
	}
	setitimer(ITIMER_REAL, &none, NULL);
	run->immediate_exit = 1;	/* completes the OUT before registers are set */
	ioctl(vcpu, KVM_RUN, 0);
	run->immediate_exit = 0;
	return end;
}

/*
 * QEMU's software CPU does not write VMCB.next_rip, not even if it is told to claim that it does;
 * without it KVM has no fast path. But KVM writes the field where it injects a soft exception (for
 * #BP: the end of the INT3 that it finds at RIP), and on this CPU it then stays. So the guest takes
 * one injected #BP while its RIP is at an INT3 that ends where the skipped instruction of the test
 * will end. On a processor that does write next_rip this changes nothing.
 */
static void seed_next_rip(void)
{
	static const unsigned char tell[] = { 0xe6, SEEDED_PORT };	/* OUT */
	const unsigned at = test.seed - 1;
	const unsigned char old = memory[at];
	struct kvm_vcpu_events events;
	memory[at] = 0xcc;
	memcpy(memory + SEED_CODE, tell, sizeof tell);
	gate(3, SEED_CODE);
	set_regs(at);
	if (ioctl(vcpu, KVM_GET_VCPU_EVENTS, &events))
		give_up("KVM_GET_VCPU_EVENTS");
	events.exception.injected = 1;
	events.exception.nr = 3;
	events.exception.has_error_code = 0;
	if (ioctl(vcpu, KVM_SET_VCPU_EVENTS, &events))
		give_up("KVM_SET_VCPU_EVENTS");
	const char *end = run_guest();
	if (strcmp(end, "seeded"))
		printf("airlock: error seeding next_rip: %s\n", end);
	memory[at] = old;
	gate(3, STUBS + 3 * 16);
}

static void print_outcome(const char *end)
{
	struct kvm_regs r;
	uint64_t at, log_end;
	if (ioctl(vcpu, KVM_GET_REGS, &r))
		give_up("KVM_GET_REGS");
	printf("airlock: ran %s %s r8=%llx r9=%llx r10=%llx r11=%llx r12=%llx r13=%llx r14=%llx log",
	       test.name, end, r.r8, r.r9, r.r10, r.r11, r.r12, r.r13, r.r14);
	memcpy(&log_end, memory + LOG, 8);
	for (at = LOG + 32; at < log_end && at < LOG_END; at += 32) {
		uint64_t record[4];
		memcpy(record, memory + at, sizeof record);
		printf(" %lx:%lx:%lx:%lx", record[0], record[1], record[2], record[3]);
	}
	printf("\n");
}

#define TRACING "/sys/kernel/tracing/"

static int tell_tracing(const char *file, const char *value)
{
	char path[100];
	snprintf(path, sizeof path, TRACING "%s", file);
	int f = open(path, O_WRONLY | O_TRUNC);
	int good = f >= 0 && write(f, value, strlen(value)) == (ssize_t)strlen(value);
	close(f);
	return good;
}

static void start_tracing(void)
{
	static int mounted;
	if (!mounted) {
		mkdir("/sys", 0755);
		mount("sys", "/sys", "sysfs", 0, NULL);
		mount("tracing", TRACING, "tracefs", 0, NULL);
		mounted = 1;
	}
	tell_tracing("trace", "\n");
	if (!tell_tracing("events/kvm/enable", "1") || !tell_tracing("tracing_on", "1"))
		printf("airlock: evidence %s this kernel has no tracepoints of KVM's\n", test.name);
}

static void print_trace(void)
{
	char line[500];
	tell_tracing("tracing_on", "0");
	tell_tracing("events/kvm/enable", "0");
	FILE *trace = fopen(TRACING "trace", "r");
	while (trace && fgets(line, sizeof line, trace)) {
		char *event = strstr(line, ": kvm_");
		if (event)
			printf("airlock: evidence %s %s", test.name, event + 2);
	}
	if (trace)
		fclose(trace);
}

static void run_once(int traced)
{
	fill_memory();
	make_vm();
	if (test.seed)
		seed_next_rip();	/* first: after an I/O exit KVM skips to that one's end */
	set_regs(STUBS + (touch_begin - stubs_begin));
	const char *end = run_guest();
	if (strcmp(end, "end"))
		printf("airlock: error touching memory: %s\n", end);
	put64(LOG, LOG + 32);
	set_regs(GUEST_CODE);
	if (traced)
		start_tracing();
	end = run_guest();
	if (traced)
		print_trace();
	else
		print_outcome(end);
	munmap(run, ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0));
	close(vcpu);
	close(vm);
}

static void run_test(unsigned long count)
{
	while (count-- > 0)
		run_once(0);
}

static void code_of(const char *hex)
{
	unsigned byte;
	for (; test.code_size < sizeof test.code && sscanf(hex, "%2x", &byte) == 1; hex += 2)
		test.code[test.code_size++] = byte;
}

static void words_of(const char *text, uint64_t *words, size_t *size, size_t most)
{
	char *end;
	for (uint64_t word = strtoull(text, &end, 16); end != text && *size < most;
	     word = strtoull(text, &end, 16)) {
		words[(*size)++] = word;
		text = end;
	}
}

static void obey(char *line)
{
	line[strcspn(line, "\n")] = 0;
	char *rest = strchr(line, ' ');
	if (!rest)
		return;
	*rest++ = 0;
	if (!strcmp(line, "test")) {
		memset(&test, 0, sizeof test);
		snprintf(test.name, sizeof test.name, "%s", rest);
	} else if (!strcmp(line, "code")) {
		code_of(rest);
	} else if (!strcmp(line, "stack")) {
		words_of(rest, test.stack, &test.stack_size, 64);
	} else if (!strcmp(line, "db")) {
		words_of(rest, test.db, &test.db_size, 60);
	} else if (!strcmp(line, "reg")) {
		char *value;
		unsigned number = strtoul(rest, &value, 16);
		test.reg[number & 15] = strtoull(value, NULL, 16);
	} else if (!strcmp(line, "lstar")) {
		test.lstar = strtoull(rest, NULL, 16);
	} else if (!strcmp(line, "seed")) {
		test.seed = strtoull(rest, NULL, 16);
	} else if (!strcmp(line, "run")) {
		run_test(strtoul(rest, NULL, 16));
	} else if (!strcmp(line, "evidence")) {
		run_once(1);
	} else {
		printf("airlock: error unknown line in the job: %s\n", line);
	}
}

static void load_modules(void)
{
	char line[300], path[400];
	FILE *list = fopen("/modules/list", "r");
	while (list && fgets(line, sizeof line, list)) {
		line[strcspn(line, "\n")] = 0;
		snprintf(path, sizeof path, "/modules/%s", line);
		int file = open(path, O_RDONLY);
		if (file < 0 || syscall(SYS_finit_module, file, "", 0))
			printf("airlock: error loading %s: %s\n", line, strerror(errno));
		close(file);
	}
	if (list)
		fclose(list);
}

int main(void)
{
	static char line[20000];
	struct utsname name;
	setvbuf(stdout, NULL, _IOLBF, 0);
	mkdir("/proc", 0755);
	mkdir("/dev", 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("dev", "/dev", "devtmpfs", 0, NULL);
	uname(&name);
	printf("airlock: kernel %s %s\n", name.release, name.version);
	struct sigaction alarm_action = { .sa_handler = on_alarm };	/* KVM_RUN ends with EINTR */
	sigaction(SIGALRM, &alarm_action, NULL);
	load_modules();
	kvm = open("/dev/kvm", O_RDWR);
	if (kvm < 0)
		give_up("/dev/kvm");
	memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	untouched = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (memory == MAP_FAILED || untouched == MAP_FAILED)
		give_up("memory for guests");
	FILE *job = fopen("/job", "r");
	if (!job)
		give_up("/job");
	while (fgets(line, sizeof line, job))
		obey(line);
	printf("airlock: done\n");
	fflush(stdout);
	sync();
	iopl(3);
	outb(0, 0x501);	/* isa-debug-exit: QEMU ends with status 1 */
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}
