#include "checker/report/page.hpp"

#include <fmt/format.h>
#include <stdexcept>

#include "checker/report/assets.hpp"
#include "checker/trace/markup.hpp"
#include "checker/trace/render.hpp"
#include "model/system/digest.hpp"

namespace airlock {
namespace {

/// The template with each @name@ replaced, in one pass: what is put in is not looked at again.
std::string filled(std::string_view text, const Pairs& values) {
  std::string result;
  while (!text.empty()) {
    const std::size_t at = text.find('@');
    result += text.substr(0, at);
    if (at == std::string_view::npos) {
      break;
    }
    text.remove_prefix(at);
    const std::string* value = nullptr;
    for (const auto& [name, each] : values) {
      if (text.substr(1, name.size()) == name && text.substr(1 + name.size(), 1) == "@") {
        value = &each;
        text.remove_prefix(name.size() + 2);
        break;
      }
    }
    if (value == nullptr) {
      throw std::logic_error("page.html names something that nobody fills in");
    }
    result += *value;
  }
  return result;
}

std::string asset(std::string_view name) {
  const std::string_view text = report_asset(name);
  if (text.empty()) {
    throw std::logic_error(std::string(name) + " is not in the program");
  }
  return std::string(text);
}

/// `<dl>` of names and values; empty for no pairs.
std::string definitions(const Pairs& pairs) {
  std::string result;
  for (const auto& [name, value] : pairs) {
    result += fmt::format("<div><dt><code>{}</code></dt><dd><code>{}</code></dd></div>\n",
                          escape_markup(name), escape_markup(value));
  }
  return result.empty() ? "<p>None.</p>\n" : "<dl class=\"pairs\">\n" + result + "</dl>\n";
}

std::string list(const std::vector<std::string>& items, bool code) {
  std::string result;
  for (const std::string& item : items) {
    result += code ? "<li><code>" + escape_markup(item) + "</code></li>\n"
                   : "<li>" + escape_markup(item) + "</li>\n";
  }
  return result.empty() ? "<p>None.</p>\n" : "<ul>\n" + result + "</ul>\n";
}

}  // namespace

std::string page(const std::string& title, const std::string& body, const Film& film,
                 const ReportHeading& report) {
  const std::string style = asset("report.css");
  const std::string script = asset("report.js");
  std::string generator;
  for (const auto& [name, version] : report.versions) {
    generator += (generator.empty() ? "" : ", ") + name + " " + version;
  }
  return filled(asset("page.html"), {{"title", escape_markup(title)},
                                     {"generator", escape_markup(generator)},
                                     {"style-hash", sha256_base64(style)},
                                     {"script-hash", sha256_base64(script)},
                                     {"style", style},
                                     {"script", script},
                                     {"body", body},
                                     {"film", script_json(film.json())}});
}

std::string section(std::string_view id, const std::string& heading, const std::string& inside) {
  return inside.empty() ? ""
                        : fmt::format(
                              "<section id=\"{0}\" aria-labelledby=\"{0}-title\">\n"
                              "<h2 id=\"{0}-title\">{1}</h2>\n{2}</section>\n",
                              id, escape_markup(heading), inside);
}

std::string basis(const Pairs& parameters, const std::vector<std::string>& actors,
                  const Pairs& choices, const std::vector<std::string>& assumptions) {
  const auto part = [](const char* heading, const std::string& inside) {
    return std::string("<div><h3>") + heading + "</h3>\n" + inside + "</div>\n";
  };
  std::string inside = "<div class=\"columns\">\n" + part("Parameters", definitions(parameters)) +
                       part("Actors", list(actors, true)) +
                       part("Hardware choices", definitions(choices)) + "</div>\n";
  if (!assumptions.empty()) {
    inside += "<h3>Every “holds” assumes</h3>\n" + list(assumptions, false);
  }
  return section("basis", "What this rests on", inside);
}

std::string origin(const ReportHeading& report) {
  std::string rows;
  for (const InputFile& input : report.inputs) {
    rows += fmt::format(
        "<tr><th scope=\"row\"><code>{}</code></th><td><code class=\"hash\">{}"
        "</code></td></tr>\n",
        escape_markup(input.name), sha256_hex(input.text));
  }
  return section(
      "origin", "How to make this report again",
      fmt::format("<pre class=\"command\" tabindex=\"0\"><code>{}</code></pre>\n{}"
                  "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                  "aria-label=\"Input files\"><table class=\"files\">\n"
                  "<thead><tr><th scope=\"col\">input file</th><th scope=\"col\">SHA-256</th></tr>"
                  "</thead>\n<tbody>\n{}</tbody></table></div>\n",
                  escape_markup(report.command), definitions(report.versions), rows));
}

std::string explorer_place() {
  return "<section id=\"explorer\" aria-labelledby=\"explorer-title\" hidden></section>\n";
}

std::string trace_as_text(const std::string& id, const std::string& summary, const Trace& trace,
                          const TraceHeading& heading, bool open) {
  TextStyle style;
  style.width = 96;
  return fmt::format(
      "<details class=\"trace\" id=\"{}\"{}>\n<summary>{}</summary>\n"
      "<pre tabindex=\"0\">{}</pre>\n</details>\n",
      id, open ? " open" : "", summary, escape_markup(render_text(trace, heading, style)));
}

}  // namespace airlock
