/* What framework.h declares of kvm-unit-tests, on the machine of boot.S: a line for each report. */
#include <stdarg.h>

#include "framework.h"

extern struct gate {
	uint16_t low, selector, type, middle;
	uint32_t high, zero;
} idt[32];
extern char vectors[];
void (*db_handler)(struct ex_regs *regs);
static int failed;

void fill_idt(void);
void fill_idt(void)
{
	for (int i = 0; i < 32; i++) {
		uint64_t at = (uint64_t)vectors + 16u * (unsigned int)i;

		idt[i] = (struct gate){ (uint16_t)at, 8, 0x8e00, (uint16_t)(at >> 16),
					(uint32_t)(at >> 32), 0 };
	}
}

/* Port E9h, which QEMU and Bochs print. */
static void print(const char *text)
{
	for (; *text; text++)
		asm volatile("outb %0, $0xe9" : : "a"(*text));
}

void handle_exception(uint8_t vector, void (*handler)(struct ex_regs *regs))
{
	if (vector == DB_VECTOR)
		db_handler = handler;
}

int enable_x2apic(void)
{
	return 1;
}

void report(int pass, const char *format, ...)
{
	failed |= !pass;
	print(pass ? "PASS " : "FAIL ");
	print(format);
	print("\n");
}

void report_skip(const char *format, ...)
{
	print("SKIP ");
	print(format);
	print("\n");
}

int report_summary(void)
{
	print("END\n");
	return failed;
}
