/*
 * A machine for files in the manner of kvm-unit-tests, without a hypervisor: from multiboot to long
 * mode, an IDT, and the vectors 0 to 31. What goes wrong ends the machine, with the vector as its
 * status.
 */
	.set MAGIC, 0x1badb002
	.set FLAGS, 0

	.section .multiboot, "a"
	.balign 4
	.long MAGIC, FLAGS, -(MAGIC + FLAGS)

	.text
	.code32
	.globl _start
_start:
	mov $stack_end, %esp
	/* The first GiB, in pages of 2 MiB, where it lies. */
	mov $tables, %edi
	lea 0x1000 + 3(%edi), %eax
	mov %eax, (%edi)
	lea 0x2000 + 3(%edi), %eax
	mov %eax, 0x1000(%edi)
	mov $0x83, %eax
	xor %ecx, %ecx
1:	mov %eax, 0x2000(%edi,%ecx,8)
	add $0x200000, %eax
	inc %ecx
	cmp $512, %ecx
	jne 1b
	mov %edi, %cr3
	mov $0x20, %eax		/* CR4.PAE */
	mov %eax, %cr4
	mov $0xc0000080, %ecx	/* EFER.LME */
	rdmsr
	or $0x100, %eax
	wrmsr
	mov %cr0, %eax
	or $0x80000001, %eax	/* PG, PE */
	mov %eax, %cr0
	lgdt gdt_pointer
	ljmp $8, $long_mode

	.code64
long_mode:
	mov $16, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	mov $stack_end, %esp
	call fill_idt
	lidt idt_pointer(%rip)
	call main
	mov %eax, %edi
	jmp stop

/* stop(status): isa-debug-exit. */
	.globl stop
stop:
	mov %edi, %eax
	out %al, $0xf4
	hlt
	jmp stop

	/* Each vector is 16 bytes: its number, then the common part. None but #DB is meant to come. */
	.balign 16
	.globl vectors
vectors:
	.set vector, 0
	.rept 32
	.balign 16
	.if vector == 1
	jmp debug
	.else
	mov $(0x40 + vector), %edi
	jmp stop
	.endif
	.set vector, vector + 1
	.endr

/* struct ex_regs is what the processor pushes. */
debug:
	push %rax
	push %rcx
	push %rdx
	push %rsi
	push %rdi
	push %r8
	push %r9
	push %r10
	push %r11
	lea 72(%rsp), %rdi
	push %rbp
	mov %rsp, %rbp
	and $-16, %rsp
	call *db_handler(%rip)
	mov %rbp, %rsp
	pop %rbp
	pop %r11
	pop %r10
	pop %r9
	pop %r8
	pop %rdi
	pop %rsi
	pop %rdx
	pop %rcx
	pop %rax
	iretq

	.data
	.balign 8
gdt:
	.quad 0, 0x00af9b000000ffff, 0x00cf93000000ffff
gdt_pointer:
	.word . - gdt - 1
	.long gdt
	.globl idt
idt_pointer:
	.word 32 * 16 - 1
	.quad idt

	.bss
	.balign 4096
tables:
	.skip 0x3000
	.skip 0x10000
stack_end:
	.balign 16
idt:
	.skip 32 * 16

	.section .note.GNU-stack, "", @progbits
