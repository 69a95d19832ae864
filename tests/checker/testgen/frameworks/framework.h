/*
 * Of the frameworks for which tests are written, only what such a file uses, declared so that it can be
 * compiled here. KVM's selftests and kvm-unit-tests have the same names for what both have.
 */
#pragma once
#include <stdint.h>

#define DB_VECTOR 1

struct ex_regs {
	unsigned long rip;
	unsigned long cs;
	unsigned long rflags;
};

/* kvm-unit-tests */
void handle_exception(uint8_t vector, void (*handler)(struct ex_regs *regs));
int enable_x2apic(void);
void report(int pass, const char *format, ...) __attribute__((format(printf, 2, 3)));
void report_skip(const char *format, ...) __attribute__((format(printf, 1, 2)));
int report_summary(void);

/* KVM's selftests */
struct kvm_vm;
struct kvm_vcpu;
enum { UCALL_ABORT, UCALL_DONE };
struct ucall {
	uint64_t cmd;
};
extern int host_cpu_is_amd;
void guest_assert(int right);
void x2apic_enable(void);
void guest_done(void);
void test_require(int given);
void test_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
void report_guest_assert(struct ucall uc);
struct kvm_vm *vm_create_with_one_vcpu(struct kvm_vcpu **vcpu, void (*guest_code)(void));
void vm_install_exception_handler(struct kvm_vm *vm, int vector, void (*handler)(struct ex_regs *));
void vcpu_run(struct kvm_vcpu *vcpu);
uint64_t get_ucall(struct kvm_vcpu *vcpu, struct ucall *uc);
void kvm_vm_free(struct kvm_vm *vm);
#define GUEST_ASSERT_EQ(a, b) guest_assert((a) == (b))
#define GUEST_DONE() guest_done()
#define TEST_REQUIRE(given) test_require(given)
#define TEST_FAIL(...) test_fail(__VA_ARGS__)
#define REPORT_GUEST_ASSERT(uc) report_guest_assert(uc)
