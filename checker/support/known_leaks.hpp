// What LeakSanitizer is to overlook: memory that other people's libraries never free. To be
// included by the file with main(), once per program; it is nothing in builds without
// AddressSanitizer.
#pragma once

#if defined(__has_feature)
#if __has_feature(address_sanitizer)  // how Clang says it
#define AIRLOCK_ADDRESS_SANITIZER
#endif
#elif defined(__SANITIZE_ADDRESS__)  // and GCC
#define AIRLOCK_ADDRESS_SANITIZER
#endif

#ifdef AIRLOCK_ADDRESS_SANITIZER
/// CLN, which cvc5 brings along, allocates when it is loaded and keeps it until the process ends.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libcln.so\n";
}
/// And without a word: what the command prints is tested.
extern "C" const char* __lsan_default_options();
extern "C" const char* __lsan_default_options() {
  return "print_suppressions=0";
}
#endif
