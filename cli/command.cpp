#include "cli/command.h"

#include <fmt/format.h>

#include <algorithm>

namespace fathom::cli {
namespace {

/// "one sentence [0 to 1; default 0.2]"
std::string help_text(const Field& field) {
  const std::string allowed = field.allowed();
  const Json value = field_value(field);
  std::string shown = value.is_string() ? value.get<std::string>() : value.dump();
  if (value.is_array()) {
    shown.clear();
    for (const Json& item : value) {
      if (!shown.empty()) shown += ',';
      shown += item.is_string() ? item.get<std::string>() : item.dump();
    }
  }
  std::string notes = allowed;
  if (!shown.empty()) notes += (notes.empty() ? "" : "; ") + ("default " + shown);
  return notes.empty() ? field.help : fmt::format("{} [{}]", field.help, notes);
}

}  // namespace

const std::vector<Command>& commands() {
  static const std::vector<Command> table{
      {"study", "plan, run or resume a depth study, and report", declare_study},
      {"plan", "list the units of a study with predicted time and cost, without running it",
       declare_plan},
      {"run", "run units of a planned study, as one of several workers", declare_run},
      {"status", "how far a study is, who works on it, and the time left", declare_status},
      {"probe", "what the frozen features tell at every block boundary, in minutes, without tuning",
       declare_probe},
      {"submit", "run a planned study on a Slurm cluster", declare_submit},
      {"report", "make the table, results.csv, results.json and report.html again", declare_report},
      {"export", "put a tuned network into one file that needs nothing else", declare_export},
      {"predict", "say what images show, by an exported network", declare_predict},
      {"data", "inspect a data set, get a public one, or draw synthetic tissue", declare_data},
      {"weights", "list, get, import and inspect pretrained weights", declare_weights},
      {"doctor", "show threads, instruction sets, memory, disk and versions", declare_doctor},
  };
  return table;
}

void FieldFlags::declare(CLI::App& app, const std::string& group,
                         const std::vector<Field>& fields) {
  for (const Field& field : fields) {
    auto given = std::make_shared<Given>();
    given->field = field.name;
    if (std::holds_alternative<bool*>(field.value)) {
      // "true", or of the second name "false", to overrule a settings file.
      given->option = app.add_flag(fmt::format("{},!--no-{}", field.flag(), field.flag().substr(2)),
                                   given->text, help_text(field));
    } else {
      given->option = app.add_option(field.flag(), given->text, help_text(field));
      given->option->type_name(field.type_name());
    }
    given->option->group(group);
    given_.push_back(given);
  }
}

void FieldFlags::apply(const std::vector<Field>& fields) const {
  for (const auto& given : given_) {
    if (given->option->count() == 0) continue;
    const auto field = std::ranges::find(fields, given->field, &Field::name);
    if (field == fields.end()) continue;
    try {
      set_field_from_text(*field, given->text, field->flag());
    } catch (const Error& e) {
      throw UsageError(e.what());
    }
  }
}

}  // namespace fathom::cli
