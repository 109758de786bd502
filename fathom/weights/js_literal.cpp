#include "fathom/weights/js_literal.h"

#include <fmt/format.h>

#include <algorithm>

#include "fathom/base/error.h"

namespace fathom::weights {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '$';
}

/// Translates token by token, from the first bracket or quote to the one that closes it.
class LiteralTranslator {
 public:
  LiteralTranslator(std::string_view module, std::size_t at, const std::string& where)
      : module_(module), at_(at), where_(where) {}

  std::string run() {
    do {
      step();
    } while (depth_ > 0);
    return std::move(json_);
  }

 private:
  char look() const {
    if (at_ == module_.size()) fail("it ends in the middle");
    return module_[at_];
  }

  void step() {
    const char c = look();
    if (c == '"') return copy_text();
    if (c == '!') return translate_yes_or_no();
    if (is_digit(c) || c == '.' || c == '-' || c == '+') return copy_number();
    if (is_name(c)) return quote_name();
    constexpr std::string_view kMarks = "{}[],: \t\r\n";
    if (kMarks.find(c) == std::string_view::npos)
      fail(fmt::format("a character of code {}", int{static_cast<unsigned char>(c)}));
    if (c == '{' || c == '[') ++depth_;
    if (c == '}' || c == ']') --depth_;
    json_ += c;
    ++at_;
  }

  void copy_text() {
    std::size_t end = at_ + 1;
    while (end < module_.size() && module_[end] != '"') end += module_[end] == '\\' ? 2 : 1;
    if (end >= module_.size()) fail("a text without an end");
    json_ += module_.substr(at_, end + 1 - at_);
    at_ = end + 1;
  }

  void translate_yes_or_no() {
    ++at_;
    const char c = look();
    if (c != '0' && c != '1') fail("a computation");
    json_ += c == '0' ? "true" : "false";
    ++at_;
  }

  void copy_number() {
    const std::size_t begin = at_;
    while (at_ < module_.size() && (is_name(module_[at_]) || module_[at_] == '.' ||
                                    module_[at_] == '-' || module_[at_] == '+')) {
      ++at_;
    }
    std::string number(module_.substr(begin, at_ - begin));
    const std::size_t sign = number[0] == '-' ? 1 : 0;
    if (number.size() > sign && number[sign] == '.') number.insert(sign, "0");
    json_ += number;
  }

  void quote_name() {
    const std::size_t begin = at_;
    while (at_ < module_.size() && is_name(module_[at_])) ++at_;
    const std::string_view name = module_.substr(begin, at_ - begin);
    const bool is_value = name == "null" || name == "true" || name == "false";
    json_ += is_value ? std::string(name) : fmt::format("\"{}\"", name);
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(fmt::format(
        "{}: a JavaScript module that exports more than literals (at byte {}: {}): nothing in it "
        "was run",
        where_, at_, what));
  }

  std::string_view module_;
  std::size_t at_;
  const std::string& where_;
  std::string json_;
  int depth_ = 0;
};

}  // namespace

std::string exported_json(std::string_view module, const std::string& where) {
  constexpr std::string_view kExport = "exports=";
  for (std::size_t at = module.find(kExport); at != std::string_view::npos;
       at = module.find(kExport, at + 1)) {
    const std::size_t value = at + kExport.size();
    if (value < module.size() && (module[value] == '{' || module[value] == '"')) {
      return LiteralTranslator(module, value, where).run();
    }
  }
  throw Error(where + ": not a weight file that is read here: text that exports no literal");
}

}  // namespace fathom::weights
