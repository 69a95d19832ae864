// A test as a text file, for people and for `airlock reproduce`.
//
//     airlock test 1
//     model      specs/kvm
//     fix        merged
//     property   always_dr6_is_the_guests
//     says       The guest read DR6 as FFFF0FF0h; it should have read BS.
//
//     guest
//       mov_from_dr6            # step 7, retried after its exit
//       popf TF                 # step 16
//       always_exits            # step 17, completed by vcpu.c:119
//       db_handler              # step 25: the guest's #DB handler
//       mov_from_dr6            # step 35
//     bare-metal dr6=ffff0ff0@1 DB@3 dr6=ffff4ff0@4
//     predicted  dr6=ffff0ff0@1 DB@3 dr6=ffff0ff0@4
//
//     control    without instruction 1, mov_from_dr6
//       popf TF
//       ...
//     bare-metal DB@2 dr6=ffff4ff0@3
//
// and, where they apply, "needs", "host" and "not-by-a-guest", one line each. "#" and a space begin
// a comment. "DB@3" is a #DB that comes after the third instruction.
#pragma once

#include <string>

#include "checker/testgen/guest_test.hpp"

namespace airlock {

std::string write_test(const GuestTest& test);

/// Throws InputError, with `path`, the line and what was expected, for anything that is no such
/// file: an unknown word, an operand that is missing, a section that is there twice.
GuestTest read_test(const std::string& path, const std::string& text);

}  // namespace airlock
