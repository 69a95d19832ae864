// SHA-256 (FIPS 180-4).
#pragma once

#include <string>
#include <string_view>

namespace airlock {

/// 64 hexadecimal digits.
std::string sha256_hex(std::string_view data);
/// In base64, as a Content-Security-Policy names scripts.
std::string sha256_base64(std::string_view data);

}  // namespace airlock
