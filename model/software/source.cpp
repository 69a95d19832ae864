#include "model/software/source.hpp"

#include "model/system/input_error.hpp"

namespace airlock::c {
namespace {

constexpr std::size_t max_size = std::size_t{1} << 20U;

/// Length of the UTF-8 sequence at text[i], or 0 if there is none (NUL included).
std::size_t utf8_length(const std::string& text, std::size_t i) {
  const auto lead = static_cast<unsigned char>(text[i]);
  if (lead != 0 && lead < 0x80) {
    return 1;
  }
  const std::size_t length = lead >= 0xC2 && lead < 0xE0   ? 2
                             : lead >= 0xE0 && lead < 0xF0 ? 3
                             : lead >= 0xF0 && lead < 0xF5 ? 4
                                                           : 0;
  if (length == 0 || i + length > text.size()) {
    return 0;
  }
  for (std::size_t k = 1; k < length; ++k) {
    if ((static_cast<unsigned char>(text[i + k]) & 0xC0U) != 0x80U) {
      return 0;
    }
  }
  return length;
}

}  // namespace

std::uint32_t Sources::add(const SourceFile& file) {
  if (file.text.size() > max_size) {
    throw InputError({file.path, 1, 1},
                     "the file has " + std::to_string(file.text.size()) + " bytes", {},
                     "at most 1 MiB (1048576 bytes) per file");
  }
  File entry{file.path, file.text, {0}};
  std::uint32_t line = 1;
  for (std::size_t i = 0; i < file.text.size();) {
    const std::size_t length = utf8_length(file.text, i);
    if (length == 0) {
      const auto column = static_cast<unsigned>(i - entry.line_starts.back() + 1);
      throw InputError({file.path, line, column},
                       file.text[i] == '\0' ? "the file is not text: it contains a NUL byte"
                                            : "the file is not text: invalid UTF-8",
                       {}, "C source in UTF-8");
    }
    if (file.text[i] == '\n') {
      entry.line_starts.push_back(i + 1);
      ++line;
    }
    i += length;
  }
  files_.push_back(std::move(entry));
  return static_cast<std::uint32_t>(files_.size() - 1);
}

SourceLocation Sources::location(Loc loc) const {
  return loc.line == 0 ? SourceLocation{} : SourceLocation{path(loc.file), loc.line, loc.column};
}

std::string Sources::brief(Loc loc) const {
  const std::string& full = path(loc.file);
  const std::size_t slash = full.rfind('/');
  return full.substr(slash == std::string::npos ? 0 : slash + 1) + ":" + std::to_string(loc.line);
}

std::string Sources::line(Loc loc) const {
  if (loc.line == 0 || loc.file >= files_.size() ||
      loc.line > files_[loc.file].line_starts.size()) {
    return {};
  }
  const File& file = files_[loc.file];
  const std::size_t begin = file.line_starts[loc.line - 1];
  const std::size_t end = file.text.find('\n', begin);
  std::string result =
      file.text.substr(begin, end == std::string::npos ? std::string::npos : end - begin);
  if (!result.empty() && result.back() == '\r') {
    result.pop_back();
  }
  return result;
}

std::string Sources::trimmed_line(Loc loc) const {
  const std::string whole = line(loc);
  const std::size_t begin = whole.find_first_not_of(" \t");
  const std::size_t end = whole.find_last_not_of(" \t");
  return begin == std::string::npos ? std::string{} : whole.substr(begin, end - begin + 1);
}

void Sources::fail(Loc loc, const std::string& message, const std::string& expected) const {
  throw InputError(location(loc), message, line(loc), expected);
}

}  // namespace airlock::c
