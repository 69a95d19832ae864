/*
 * reset-value and single-step together.
 */
#include "reset-value.c"
#include "single-step.c"
