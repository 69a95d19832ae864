#include "model/system/digest.hpp"

#include <array>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <stdexcept>

namespace airlock {
namespace {

using Digest = std::array<unsigned char, 32>;

Digest sha256(std::string_view data) {
  Digest result{};
  if (EVP_Digest(data.data(), data.size(), result.data(), nullptr, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("libcrypto refuses SHA-256");
  }
  return result;
}

}  // namespace

std::string sha256_hex(std::string_view data) {
  std::string result;
  for (const unsigned char byte : sha256(data)) {
    result += fmt::format("{:02x}", byte);
  }
  return result;
}

std::string sha256_base64(std::string_view data) {
  const Digest digest = sha256(data);
  std::string result(45, '\0');  // 32 bytes are 44 characters, and the function adds a NUL
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(result.data()),  // NOLINT
                                     digest.data(), static_cast<int>(digest.size()));
  result.resize(static_cast<std::size_t>(length));
  return result;
}

}  // namespace airlock
