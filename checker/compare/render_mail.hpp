// The verdicts as a mail to a kernel list: plain text that a maintainer can answer below each line.
//
// It keeps the rules that the kernel's own Documentation/process/maintainer-kvm-x86.rst has for
// what is sent to KVM x86, as far as they concern text: what changes comes first and in one
// sentence; functions are written function(); manuals are cited by the name of a section and never
// by its number; no pronouns for people; the subject has a topic, a capital and no full stop; what
// was tested, and how, is said; a way to reproduce is given; nothing refers to other mails by
// header.
#pragma once

#include <functional>
#include <string>

#include "checker/compare/render.hpp"

namespace airlock {

inline constexpr std::size_t mail_width = 78;

/// What a mail quotes.
struct MailInput {
  std::string patch_name;  ///< of the last row's last patch; empty: there is none
  std::string patch_text;
  /// A line of the last row's tree, without its newline; empty if there is none.
  std::function<std::string(const SourceLocation& place)> line_at;
  std::string command;  ///< that makes these verdicts again
};

/// Subject and body, of lines of at most mail_width columns.
std::string render_mail(const Matrix& matrix, const MatrixHeading& heading, const MailInput& input);

}  // namespace airlock
