// Mails around patches: RFC 5322 headers, RFC 2045 bodies, as far as patches are sent in them.
#include <algorithm>
#include <cctype>
#include <string_view>

#include "model/kernel/patch.hpp"
#include "model/system/input_error.hpp"

namespace airlock::kernel {
namespace {

using Lines = std::vector<DecodedLine>;

constexpr unsigned deepest_part = 8;

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

Lines lines_of(const std::string& text) {
  Lines result;
  std::string_view rest = text;
  for (unsigned number = 1; !rest.empty(); ++number) {
    const std::size_t end = rest.find('\n');
    result.push_back({std::string(rest.substr(0, end)), number});
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return result;
}

/// "From who when": the line that begins a mail of an mbox. The year tells it from prose.
bool begins_mail(const std::string& line) {
  const std::string_view text = std::string_view(line).substr(0, line.find_last_not_of(" \r") + 1);
  return text.starts_with("From ") && text.size() > 10 && text.find(':') != std::string::npos &&
         std::all_of(text.end() - 4, text.end(),
                     [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// "Subject: ..."
bool is_header(const std::string& line) {
  const std::size_t colon = line.find(':');
  return colon != std::string::npos && colon > 0 &&
         std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(colon),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '-'; });
}

int hex_digit(char c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                : -1;
}

Lines decode_quoted_printable(const Lines& body) {
  Lines result;
  bool joined = false;  // the line before ended with a soft break
  for (const DecodedLine& line : body) {
    std::string_view text = line.text;
    text = text.substr(0, text.find_last_not_of(" \t\r") + 1);
    if (!joined) {
      result.push_back({{}, line.line});
    }
    joined = text.ends_with('=');
    text.remove_suffix(joined ? 1 : 0);
    std::string& out = result.back().text;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool coded = text[i] == '=' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
                         hex_digit(text[i + 2]) >= 0;
      if (coded) {
        out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
        i += 2;
      } else {
        out += text[i];
      }
    }
  }
  return result;
}

Lines decode_base64(const Lines& body, const std::string& path) {
  Lines result;
  unsigned bits = 0;
  unsigned count = 0;
  bool begins = true;
  for (const DecodedLine& line : body) {
    for (const char c : line.text) {
      const int value = c >= 'A' && c <= 'Z'   ? c - 'A'
                        : c >= 'a' && c <= 'z' ? c - 'a' + 26
                        : c >= '0' && c <= '9' ? c - '0' + 52
                        : c == '+'             ? 62
                        : c == '/'             ? 63
                                               : -1;
      if (value < 0) {
        if (c != '=' && c != '\r' && c != ' ') {
          throw InputError({path, line.line, 1}, "this is no base64", line.text,
                           "the body of a mail in base64, as its header says");
        }
        continue;
      }
      bits = (bits << 6U) | static_cast<unsigned>(value);
      count += 6;
      if (count >= 8) {
        count -= 8;
        const char byte = static_cast<char>((bits >> count) & 0xffU);
        if (begins) {
          result.push_back({{}, line.line});
        }
        begins = byte == '\n';
        if (!begins) {
          result.back().text += byte;
        }
      }
    }
  }
  return result;
}

struct Header {
  std::string encoding;  ///< Content-Transfer-Encoding, in lower case
  std::string boundary;  ///< of a multipart mail
};

std::string boundary_of(std::string_view value) {
  const std::size_t at = lower(value).find("boundary=");
  if (!lower(value).starts_with("multipart/") || at == std::string::npos) {
    return {};
  }
  value.remove_prefix(at + 9);
  if (value.starts_with('"')) {
    value.remove_prefix(1);
    return std::string(value.substr(0, value.find('"')));
  }
  return std::string(value.substr(0, value.find_first_of("; \t\r")));
}

/// Reads the header that begins at `at`, which is left at the body.
Header read_header(const Lines& lines, std::size_t& at) {
  Header header;
  while (at < lines.size() && !lines[at].text.empty() && lines[at].text != "\r") {
    std::string whole = lines[at++].text;
    while (at < lines.size() &&
           (lines[at].text.starts_with(' ') || lines[at].text.starts_with('\t'))) {
      whole += lines[at++].text;
    }
    const std::size_t colon = std::min(whole.find(':'), whole.size());
    const std::string name = lower(std::string_view(whole).substr(0, colon));
    std::string value = whole.substr(std::min(colon + 1, whole.size()));
    value.erase(0, value.find_first_not_of(" \t"));
    value.erase(value.find_last_not_of(" \t\r") + 1);
    if (name == "content-transfer-encoding") {
      header.encoding = lower(value);
    } else if (name == "content-type") {
      header.boundary = boundary_of(value);
    }
  }
  at += at < lines.size() ? 1 : 0;
  return header;
}

Lines decode_body(const Header& header, const Lines& body, const std::string& path,
                  unsigned depth) {
  if (!header.boundary.empty() && depth < deepest_part) {
    Lines result;
    const std::string mark = "--" + header.boundary;
    std::size_t at = 0;
    while (at < body.size() && !body[at].text.starts_with(mark)) {
      ++at;
    }
    while (at < body.size() && !body[at].text.starts_with(mark + "--")) {
      ++at;
      const Header inner = read_header(body, at);
      Lines part;
      while (at < body.size() && !body[at].text.starts_with(mark)) {
        part.push_back(body[at++]);
      }
      const Lines decoded = decode_body(inner, part, path, depth + 1);
      result.insert(result.end(), decoded.begin(), decoded.end());
    }
    return result;
  }
  if (header.encoding == "quoted-printable") {
    return decode_quoted_printable(body);
  }
  if (header.encoding == "base64") {
    return decode_base64(body, path);
  }
  return body;
}

/// Mails may come with CRLF line ends; a patch of a kernel has none of its own.
void drop_carriage_returns(Lines& lines) {
  const bool all = std::all_of(lines.begin(), lines.end(), [](const DecodedLine& line) {
    return line.text.empty() || line.text.ends_with('\r');
  });
  for (DecodedLine& line : lines) {
    if (all && !line.text.empty()) {
      line.text.pop_back();
    }
  }
}

}  // namespace

Lines decode_mails(const SourceFile& file) {
  const Lines lines = lines_of(file.text);
  const bool mbox = !lines.empty() && begins_mail(lines.front().text);
  const bool mail = !lines.empty() && !mbox && is_header(lines.front().text);
  if (!mbox && !mail) {
    return lines;
  }
  Lines result;
  std::size_t at = 0;
  while (at < lines.size()) {
    at += begins_mail(lines[at].text) ? 1 : 0;
    const Header header = read_header(lines, at);
    Lines body;
    while (at < lines.size() && !(mbox && begins_mail(lines[at].text))) {
      body.push_back(lines[at++]);
    }
    Lines decoded = decode_body(header, body, file.path, 0);
    drop_carriage_returns(decoded);
    result.insert(result.end(), decoded.begin(), decoded.end());
  }
  return result;
}

}  // namespace airlock::kernel
