// One binary for every x86-64 processor, with the widest vectors of the one it runs on: a function
// marked AIRLOCK_VECTORS is compiled for AVX-512, for AVX2 and for the baseline, and the dynamic
// linker picks one when the program starts. The baseline, SSE2, has no comparison of 64-bit lanes.
//
// Sanitizers do without: the picking happens before their runtimes are ready.
#pragma once

#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__) && defined(__GNUC__) && !defined(__clang__)
#define AIRLOCK_VECTORS __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define AIRLOCK_VECTORS
#endif
