// What `check --format mail` quotes of the tree and of the patch.
#pragma once

#include "checker/cli/session.hpp"
#include "checker/compare/render_mail.hpp"

namespace airlock {

/// Borrows from the session.
[[nodiscard]] MailInput mail_input(const Session& session);

}  // namespace airlock
