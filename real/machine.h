/*
 * What kinds of CPUs differ in, and the system's headers do not tell:
 *
 *	MACHINE			what programs for it are called
 *	MACHINE_AUDIT		its name in linux/audit.h, by which filters of calls know it
 *	MACHINE_SHMLBA(page)	bytes to which the kernel wants addresses of attachments aligned
 */
#ifndef MACHINE_H
#define MACHINE_H

#if defined(__x86_64__)
#define MACHINE "x86_64"
#define MACHINE_AUDIT AUDIT_ARCH_X86_64
#elif defined(__i386__)
#define MACHINE "i386"
#define MACHINE_AUDIT AUDIT_ARCH_I386
#elif defined(__aarch64__)
#define MACHINE "aarch64"
#define MACHINE_AUDIT AUDIT_ARCH_AARCH64
#elif defined(__arm__)
#define MACHINE "arm"
#define MACHINE_AUDIT AUDIT_ARCH_ARM
#define MACHINE_SHMLBA(page) (4 * (page))
#elif defined(__alpha__)
#define MACHINE "alpha"
#define MACHINE_AUDIT AUDIT_ARCH_ALPHA
#elif defined(__hppa__) && __SIZEOF_LONG__ == 4
#define MACHINE "hppa"
#define MACHINE_AUDIT AUDIT_ARCH_PARISC
#elif defined(__loongarch64)
#define MACHINE "loongarch64"
#define MACHINE_AUDIT AUDIT_ARCH_LOONGARCH64
#define MACHINE_SHMLBA(page) 0x10000
#elif defined(__m68k__)
#define MACHINE "m68k"
#define MACHINE_AUDIT AUDIT_ARCH_M68K
#elif defined(__mips64) && __SIZEOF_LONG__ == 8 && defined(__MIPSEL__)
#define MACHINE "mips64el"
#define MACHINE_AUDIT AUDIT_ARCH_MIPSEL64
#elif defined(__mips64) && __SIZEOF_LONG__ == 8
#define MACHINE "mips64"
#define MACHINE_AUDIT AUDIT_ARCH_MIPS64
#elif defined(__mips__) && !defined(__mips64) && defined(__MIPSEL__)
#define MACHINE "mipsel"
#define MACHINE_AUDIT AUDIT_ARCH_MIPSEL
#elif defined(__mips__) && !defined(__mips64)
#define MACHINE "mips"
#define MACHINE_AUDIT AUDIT_ARCH_MIPS
#elif defined(__powerpc64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define MACHINE "ppc64le"
#define MACHINE_AUDIT AUDIT_ARCH_PPC64LE
#elif defined(__powerpc64__)
#define MACHINE "ppc64"
#define MACHINE_AUDIT AUDIT_ARCH_PPC64
#elif defined(__powerpc__)
#define MACHINE "ppc"
#define MACHINE_AUDIT AUDIT_ARCH_PPC
#elif defined(__riscv) && __riscv_xlen == 64
#define MACHINE "riscv64"
#define MACHINE_AUDIT AUDIT_ARCH_RISCV64
#elif defined(__s390x__)
#define MACHINE "s390x"
#define MACHINE_AUDIT AUDIT_ARCH_S390X
#elif defined(__sh__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define MACHINE "sh4"
#define MACHINE_AUDIT AUDIT_ARCH_SHEL
#define MACHINE_SHMLBA(page) 0x4000
#elif defined(__sparc__) && defined(__arch64__)
#define MACHINE "sparc64"
#define MACHINE_AUDIT AUDIT_ARCH_SPARC64
#define MACHINE_SHMLBA(page) 0x4000
#else
#error "what is special to this CPU is missing here"
#endif

#ifdef __mips__
#define MACHINE_SHMLBA(page) 0x40000
#endif
#ifndef MACHINE_SHMLBA
#define MACHINE_SHMLBA(page) (page)
#endif

#endif
