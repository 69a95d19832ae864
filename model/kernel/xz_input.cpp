#include "model/kernel/xz_input.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <lzma.h>
#include <stdexcept>
#include <thread>
#include <vector>

namespace airlock::kernel {
namespace {

constexpr std::size_t input_size = std::size_t{1} << 18U;
constexpr std::size_t output_size = std::size_t{1} << 20U;
// A thread holds a block of the file and its text; with less memory fewer threads are used.
constexpr std::uint64_t memory_for_threads = std::uint64_t{512} << 20U;
constexpr std::uint64_t memory_at_most = std::uint64_t{1} << 30U;

const char* explained(lzma_ret result) {
  switch (result) {
    case LZMA_MEM_ERROR:
    case LZMA_MEMLIMIT_ERROR: return "not enough memory to decompress it";
    case LZMA_FORMAT_ERROR: return "not in the .xz format";
    case LZMA_BUF_ERROR: return "the file ends too early";
    default: return "damaged .xz data";
  }
}

}  // namespace

struct XzInput::State {
  std::ifstream file;
  lzma_stream stream = LZMA_STREAM_INIT;
  std::vector<unsigned char> input = std::vector<unsigned char>(input_size);
  std::vector<unsigned char> output = std::vector<unsigned char>(output_size);
  bool ended = false;

  ~State() { lzma_end(&stream); }
};

XzInput::XzInput(const std::string& path) : state_(std::make_unique<State>()) {
  state_->file.open(path, std::ios::binary);
  lzma_mt options{};
  options.flags = LZMA_CONCATENATED;
  options.threads = std::max(1U, std::thread::hardware_concurrency());
  options.memlimit_threading = memory_for_threads;
  options.memlimit_stop = memory_at_most;
  const lzma_ret result = lzma_stream_decoder_mt(&state_->stream, &options);
  if (result != LZMA_OK) {
    throw std::runtime_error(explained(result));
  }
}

XzInput::~XzInput() = default;

std::string_view XzInput::next() {
  State& state = *state_;
  lzma_stream& stream = state.stream;
  stream.next_out = state.output.data();
  stream.avail_out = state.output.size();
  while (!state.ended && stream.avail_out > 0) {
    if (stream.avail_in == 0 && state.file) {
      state.file.read(reinterpret_cast<char*>(state.input.data()),  // NOLINT: bytes are bytes
                      static_cast<std::streamsize>(state.input.size()));
      stream.next_in = state.input.data();
      stream.avail_in = static_cast<std::size_t>(state.file.gcount());
    }
    const lzma_ret result = lzma_code(&stream, state.file ? LZMA_RUN : LZMA_FINISH);
    state.ended = result == LZMA_STREAM_END;
    if (result != LZMA_OK && result != LZMA_STREAM_END) {
      throw std::runtime_error(explained(result));
    }
  }
  return {reinterpret_cast<const char*>(state.output.data()),  // NOLINT: bytes are bytes
          state.output.size() - stream.avail_out};
}

}  // namespace airlock::kernel
