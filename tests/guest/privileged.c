// Every privileged instruction and every way to leave ring 3 by force: the program gets a signal, the machine goes on.
#include "check.h"
#include <ucontext.h>

#define ASM(...) FAULT(__asm__ volatile(__VA_ARGS__))
static struct { uint16_t limit; uint64_t base; } __attribute__((packed)) table;
static struct { uint64_t off; uint16_t sel; } __attribute__((packed)) far;

int main(void) {
	fault_init();
	ASM("hlt");
	ASM("cli");
	ASM("sti");
	ASM("clts");
	ASM("invd" ::: "memory");
	ASM("wbinvd" ::: "memory");
	ASM("in $0x60, %%al" ::: "rax");
	ASM("out %%al, $0xf4" :: "a"(0));
	ASM("out %%eax, %%dx" :: "a"(0), "d"(0x604));
	ASM("mov $0x3f8, %%dx; in %%dx, %%eax" ::: "rax", "rdx");
	ASM("mov $0x3f8, %%dx; mov %0, %%rsi; outsb" :: "r"(&table) : "rdx", "rsi");
	ASM("mov %%cr0, %%rax" ::: "rax");
	ASM("mov %%cr2, %%rax" ::: "rax");
	ASM("mov %%cr3, %%rax" ::: "rax");
	ASM("mov %%rax, %%cr3" :: "a"(0));
	ASM("mov %%rax, %%cr0" :: "a"(0));
	ASM("mov %%rax, %%cr4" :: "a"(0));
	ASM("mov %%cr8, %%rax" ::: "rax");
	ASM("mov %%db7, %%rax" ::: "rax");
	ASM("mov %%rax, %%db7" :: "a"(0));
	ASM("rdmsr" :: "c"(0xc0000080) : "rax", "rdx");
	ASM("wrmsr" :: "c"(0xc0000080), "a"(0), "d"(0));
	ASM("wrmsr" :: "c"(0xc0000082), "a"(0x1000), "d"(0));
	ASM("rdpmc" :: "c"(0x7fff) : "rax", "rdx");
	ASM("lgdt %0" :: "m"(table));
	ASM("lidt %0" :: "m"(table));
	ASM("lldt %w0" :: "r"(0));
	ASM("ltr %w0" :: "r"(0x40));
	ASM("lmsw %w0" :: "r"(0));
	ASM("invlpg (%0)" :: "r"(&table));
	ASM("swapgs");
	ASM("sysretq" :: "c"(0), "a"(0) : "r11");
	ASM("xsetbv" :: "c"(0), "a"(1), "d"(0));
	ASM("monitor" :: "a"(&table), "c"(0), "d"(0));
	ASM("ud2");
	ASM("int3");
	ASM("int $0x00");
	ASM("int $0x01");
	ASM("int $0x02");
	ASM("int $0x04");
	ASM("int $0x06");
	ASM("int $0x08");
	ASM("int $0x0d");
	ASM("int $0x0e");
	ASM("int $0x12");
	ASM("int $0x20");
	ASM("int $0x81");
	ASM("int $0xfd");
	ASM("int $0xff");
	// I/O privilege and the interrupt flag cannot be had by popf.
	unsigned long flags;
	__asm__ volatile("pushf; pop %0; push %0; orq $0x3000,(%%rsp); andq $~0x200,(%%rsp); popf; pushf; pop %0" : "=r"(flags) :: "memory", "cc");
	HEX(flags & 0x3200);
	// AC is the program's own, and is kept over a system call.
	__asm__ volatile("pushf; orq $0x40000,(%%rsp); popf" ::: "memory", "cc");
	long pid = syscall(SYS_getpid);
	__asm__ volatile("pushf; pop %0; push %0; andq $~0x40000,(%%rsp); popf" : "=r"(flags) :: "memory", "cc");
	SHOW(pid == getpid());
	HEX(flags & 0x40000);
	// DF and NT are kept over a system call and hurt nobody.
	__asm__ volatile("std" ::: "cc");
	pid = syscall(SYS_getppid);
	__asm__ volatile("pushf; pop %0; cld" : "=r"(flags) :: "memory", "cc");
	HEX(flags & 0x400);
	__asm__ volatile("pushf; orq $0x4000,(%%rsp); popf" ::: "memory", "cc");
	pid = syscall(SYS_getppid);
	sched_yield();
	__asm__ volatile("pushf; pop %0; push %0; andq $~0x4000,(%%rsp); popf" : "=r"(flags) :: "memory", "cc");
	HEX(flags & 0x4000);
	// iretq and far returns to selectors that are not ours.
	ASM("push $0x18; push %%rsp; pushf; push $0x10; lea 1f(%%rip), %%rax; push %%rax; iretq; 1:" ::: "rax", "memory");
	ASM("push $0x10; lea 1f(%%rip), %%rax; push %%rax; lretq; 1:" ::: "rax", "memory");
	ASM("push $0x08; lea 1f(%%rip), %%rax; push %%rax; lretq; 1:" ::: "rax", "memory");
	ASM("push $0xfff8; lea 1f(%%rip), %%rax; push %%rax; lretq; 1:" ::: "rax", "memory");
	far.sel = 0x10;
	ASM("rex.w ljmp *%0" :: "m"(far));
	far.sel = 0;
	ASM("rex.w ljmp *%0" :: "m"(far));
	ASM("mov $0x10, %%eax; mov %%eax, %%ss" ::: "rax");
	ASM("mov $0x40, %%eax; mov %%eax, %%es" ::: "rax");
	ASM("xor %%eax, %%eax; mov %%eax, %%es; mov %%eax, %%ds" ::: "rax"); // the null selector is allowed
	// Bad stacks: the fault is the program's.
	ASM("mov %%rsp, %%rbx; mov $8, %%rsp; push %%rax; mov %%rbx, %%rsp" ::: "rbx", "memory");
	ASM("mov %%rsp, %%rbx; mov $-8, %%rsp; push %%rax; mov %%rbx, %%rsp" ::: "rbx", "memory");
	// A system call with a mad stack pointer is none of the kernel's business.
	ASM("mov %%rsp, %%rbx; mov $-1, %%rsp; syscall; mov %%rbx, %%rsp" : "=a"(pid) : "a"(SYS_getpid) : "rbx", "rcx", "r11", "memory");
	SHOW(pid == getpid());
	ASM("mov %%rsp, %%rbx; mov $0xffffffff80000000, %%rsp; syscall; mov %%rbx, %%rsp" : "=a"(pid) : "a"(SYS_sched_yield) : "rbx", "rcx", "r11", "memory");
	SHOW(pid);
	// A return address that is not canonical.
	ASM("movabs $0x8000000000000000, %%rax; push %%rax; ret" ::: "rax", "memory");
	ASM("movabs $0x00007fffffffffff, %%rax; push %%rax; ret" ::: "rax", "memory");
	ASM("mov $-1, %%rax; jmp *%%rax" ::: "rax");
	ASM("mov $0xffffffff80100000, %%rax; jmp *%%rax" ::: "rax");
	unsigned cpl;
	__asm__ volatile("mov %%cs, %0" : "=r"(cpl));
	SHOW(cpl & 3);
	SAY("still here");
	return 0;
}
