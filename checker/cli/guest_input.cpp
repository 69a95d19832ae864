#include "checker/cli/guest_input.hpp"

#include <filesystem>

#include "model/system/input_error.hpp"
#include "model/system/printable.hpp"
#include "model/system/suggest.hpp"

namespace airlock {

std::vector<GuestSource> guests_named(const std::string& value) {
  std::error_code ignored;
  const std::size_t colon = value.rfind(':');
  if (colon == std::string::npos || std::filesystem::exists(value, ignored)) {
    return read_guests(value);
  }
  const std::string wanted = value.substr(colon + 1);
  std::vector<std::string> names;
  for (GuestSource& each : read_guests(value.substr(0, colon))) {
    names.push_back(each.entry);
    if (each.entry == wanted || each.entry == "guest_" + wanted) {
      return {std::move(each)};
    }
  }
  throw InputError({"--guest", 0, 0}, "the file has no program '" + printable(wanted) + "'", {},
                   suggestion(wanted, names));
}

std::optional<GuestSource> guest_of_world(const Options& options) {
  if (options.guests.empty() || options.command == CommandName::outcomes) {
    return std::nullopt;
  }
  std::vector<GuestSource> guests = guests_named(options.guests.front());
  if (guests.size() > 1) {
    throw InputError({"--guest", 0, 0}, "the file has several programs, and the guest runs one", {},
                     "FILE.c:NAME, such as " + options.guests.front() + ":" + guests.front().entry);
  }
  return std::move(guests.front());
}

}  // namespace airlock
